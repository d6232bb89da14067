using System.Buffers;

namespace CoEdit.Server;

/// <summary>Puts a message together from the pieces in which it arrives, in one pooled buffer that grows with what has really come.</summary>
/// <remarks>Owned by one receive loop, and without a buffer between messages. Nothing is allocated by a declared length; the whole process shares a budget for large ones.</remarks>
internal sealed class MessageAssembler(int maxBytes, AssemblyBudget budget) : IDisposable
{
    private const int InitialBytes = 4 * 1024;
    private const int MaxEmptyPieces = 64;

    private byte[] _buffer = [];
    private int _reserved;
    private int _emptyPieces;

    internal enum Verdict
    {
        Ok,
        TooBig,
        OutOfMemory,
        EmptyPieces,
    }

    /// <summary>Bytes that a message may have.</summary>
    public int MaxBytes { get; set; } = maxBytes;

    public int Length { get; private set; }

    /// <summary>True from the first use of <see cref="Free"/> until the message is taken or forgotten.</summary>
    public bool HasBuffer => _buffer.Length > 0;

    /// <summary>The message so far; valid until the next call of <see cref="Add"/>, <see cref="Take"/> or <see cref="Reset"/>.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>Where the next bytes go; never empty.</summary>
    public Memory<byte> Free
    {
        get
        {
            if (_buffer.Length == 0)
                _buffer = ArrayPool<byte>.Shared.Rent(InitialBytes);
            return _buffer.AsMemory(Length);
        }
    }

    /// <summary>Takes note of <paramref name="count"/> bytes in <see cref="Free"/> and makes room for more.</summary>
    public Verdict Add(int count, bool endOfMessage)
    {
        Length += count;
        if (Length > MaxBytes)
            return Verdict.TooBig;
        if (endOfMessage)
            return Verdict.Ok;
        if (count == 0 && ++_emptyPieces > MaxEmptyPieces)
            return Verdict.EmptyPieces;
        return Length < _buffer.Length || Grow() ? Verdict.Ok : Verdict.OutOfMemory;
    }

    /// <summary>The finished message, or what follows its first <paramref name="skip"/> bytes, as an array of its own; the assembler starts over.</summary>
    public byte[] Take(int skip = 0)
    {
        byte[] message = _buffer.AsSpan(skip, Length - skip).ToArray();
        Reset();
        return message;
    }

    /// <summary>Forgets a message that nobody wants any more.</summary>
    public void Reset()
    {
        Length = 0;
        _emptyPieces = 0;
        if (_buffer.Length == 0)
            return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        if (_reserved == 0)
            return;
        budget.Release(_reserved);
        _reserved = 0;
    }

    public void Dispose() => Reset();

    private bool Grow()
    {
        int size = (int)Math.Min(_buffer.Length * 2L, MaxBytes + 1L);
        int more = size - _buffer.Length;
        if (!budget.TryReserve(more))
            return false;
        _reserved += more;
        byte[] larger = ArrayPool<byte>.Shared.Rent(size);
        _buffer.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
        return true;
    }
}
