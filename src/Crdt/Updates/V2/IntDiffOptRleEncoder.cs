using System.Buffers;

namespace CoEdit.Crdt;

/// <summary>Column of integers as differences: steps of the same size form a run.</summary>
/// <remarks>
/// <code>column := { i(2 * diff) | i(2 * diff + 1) u(count - 2) }</code>
/// <c>[10,7,4,1,100]</c> is <c>14 45 01 86 03</c>.
/// </remarks>
internal sealed class IntDiffOptRleEncoder
{
    private readonly ByteBuffer _bytes = new();
    private long _value;
    private long _difference;
    private ulong _count;

    public void Write(long value)
    {
        long difference = value - _value;
        _value = value;
        if (difference == _difference)
        {
            _count++;
            return;
        }

        Flush();
        _difference = difference;
        _count = 1;
    }

    /// <summary>Ends the column and writes it as <c>buf</c>.</summary>
    public void FinishTo<TWriter>(TWriter target)
        where TWriter : IBufferWriter<byte>, allows ref struct
    {
        Flush();
        _count = 0;
        _value = 0;
        _difference = 0;
        target.WriteVarBytes(_bytes.Written);
    }

    public void Clear()
    {
        _bytes.Clear();
        _value = 0;
        _difference = 0;
        _count = 0;
    }

    private void Flush()
    {
        if (_count == 0)
            return;
        _bytes.WriteVarInt((_difference * 2) + (_count == 1 ? 0 : 1));
        if (_count > 1)
            _bytes.WriteVarUInt(_count - 2);
    }
}
