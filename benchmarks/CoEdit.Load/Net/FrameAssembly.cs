namespace CoEdit.Load;

/// <summary>The beginning of a frame whose rest has not arrived: the rest is read directly behind it.</summary>
internal sealed class FrameAssembly
{
    private byte[] _bytes = [];
    private int _length;
    private int _wanted;

    public bool IsEmpty => _length == 0;

    /// <summary>Where the bytes go that are known to be missing.</summary>
    public Span<byte> Missing => _bytes.AsSpan(_length, _wanted - _length);

    /// <summary>Keeps the beginning of something that has <paramref name="wanted"/> bytes at least.</summary>
    public void Start(ReadOnlySpan<byte> beginning, int wanted)
    {
        // What comes here may be the buffer itself, when only the length of the frame has become known.
        byte[] bytes = wanted > _bytes.Length ? new byte[wanted] : _bytes;
        beginning.CopyTo(bytes);
        _bytes = bytes;
        _length = beginning.Length;
        _wanted = wanted;
    }

    /// <summary>True when nothing is missing any more, as far as is known.</summary>
    public bool Add(int count)
    {
        _length += count;
        return _length == _wanted;
    }

    /// <summary>Hands the bytes out; valid until the next <see cref="Start"/>.</summary>
    public byte[] Take(out int length)
    {
        length = _length;
        _length = 0;
        return _bytes;
    }
}
