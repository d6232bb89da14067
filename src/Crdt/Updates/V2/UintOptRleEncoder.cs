using System.Buffers;

namespace CoEdit.Crdt;

/// <summary>Column of unsigned integers: single values as they are, runs as the negated value and their length.</summary>
/// <remarks>
/// <code>column := { i(value) | i(-value) u(count - 2) }</code>
/// A run of zeros is negative zero and its length: <c>[0,0]</c> is <c>40 00</c>. A new column counts as having seen zero no times.
/// </remarks>
internal sealed class UintOptRleEncoder
{
    private readonly ByteBuffer _bytes = new();
    private ulong _value;
    private ulong _count;

    public void Write(ulong value)
    {
        if (value == _value)
        {
            _count++;
            return;
        }

        Flush();
        _value = value;
        _count = 1;
    }

    /// <summary>Ends the column and gives its bytes, which live until the next write or <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Finish()
    {
        Flush();
        _count = 0;
        _value = 0;
        return _bytes.Written;
    }

    /// <summary>Ends the column and writes it as <c>buf</c>.</summary>
    public void FinishTo<TWriter>(TWriter target)
        where TWriter : IBufferWriter<byte>, allows ref struct => target.WriteVarBytes(Finish());

    public void Clear()
    {
        _bytes.Clear();
        _value = 0;
        _count = 0;
    }

    private void Flush()
    {
        if (_count == 1)
        {
            _bytes.WriteVarInt((long)_value);
        }
        else if (_count > 1)
        {
            _bytes.WriteVarInt(-(long)_value, negativeZero: true);
            _bytes.WriteVarUInt(_count - 2);
        }
    }
}
