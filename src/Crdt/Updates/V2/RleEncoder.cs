using System.Buffers;

namespace CoEdit.Crdt;

/// <summary>Column of bytes as runs: each value once, then how often it is repeated. The last run carries no count.</summary>
/// <remarks><code>column := { value:uint8 [u(count - 1)] }</code> <c>[1,2,3,3,3]</c> is <c>01 00 02 00 03</c>.</remarks>
internal sealed class RleEncoder
{
    private readonly ByteBuffer _bytes = new();
    private byte _value;
    private ulong _count;

    public void Write(byte value)
    {
        if (_count > 0 && value == _value)
        {
            _count++;
            return;
        }

        if (_count > 0)
            _bytes.WriteVarUInt(_count - 1);
        _bytes.WriteByte(value);
        _value = value;
        _count = 1;
    }

    /// <summary>Writes the column as <c>buf</c>. More values may follow afterwards.</summary>
    public void WriteTo<TWriter>(TWriter target)
        where TWriter : IBufferWriter<byte>, allows ref struct => target.WriteVarBytes(_bytes.Written);

    public void Clear()
    {
        _bytes.Clear();
        _count = 0;
    }
}
