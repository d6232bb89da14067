using System.Text;
using System.Text.Unicode;

namespace CoEdit.Crdt;

/// <summary>Reads what <see cref="StringColumnEncoder"/> wrote, without building strings. Holds positions only.</summary>
internal struct StringColumnDecoder
{
    private readonly int _end;
    private readonly bool _isAscii;
    private UintOptRleDecoder _lengths;

    // Where the next string starts: at a character, or between the halves of the pair at this offset.
    private int _position;
    private bool _insidePair;

    /// <summary>Opens the column that lies between two offsets and validates its text.</summary>
    public StringColumnDecoder(ReadOnlySpan<byte> source, int start, int end)
    {
        Lib0Reader reader = new(source[start..end]);
        ReadOnlySpan<byte> text = reader.ReadVarBytes();
        _isAscii = Ascii.IsValid(text);
        if (!_isAscii && !Utf8.IsValid(text))
            throw new MalformedUpdateException("A string is not valid UTF-8.");
        _end = start + reader.Position;
        _position = _end - text.Length;
        _lengths = new UintOptRleDecoder(_end, end);
    }

    /// <summary>Reads the next string.</summary>
    /// <param name="source">The bytes that the column was opened in.</param>
    /// <param name="units">Its length in UTF-16 units.</param>
    public TextRef Read(ReadOnlySpan<byte> source, out int units)
    {
        ulong length = _lengths.Read(source);
        if (length > (ulong)(_end - _position))
            ThrowEnd();
        units = (int)length;
        int left = units;
        char before = '\0';
        if (_insidePair && left > 0)
        {
            before = Utf16Walk.LowSurrogateAt(source[_position..]);
            _position += Utf16Walk.PairBytes;
            _insidePair = false;
            left--;
        }

        int start = _position;
        if (_insidePair || left == 0)
            return new TextRef(start, 0, before);
        if (left <= _end - start && (_isAscii || Ascii.IsValid(source.Slice(start, left))))
        {
            _position += left;
            return new TextRef(start, left, before);
        }

        Walk(source, left);
        char behind = _insidePair ? Utf16Walk.HighSurrogateAt(source[_position..]) : '\0';
        return new TextRef(start, _position - start, before, behind);
    }

    private void Walk(ReadOnlySpan<byte> source, int units)
    {
        while (units > 0)
        {
            if (_position == _end)
                ThrowEnd();
            int bytes = Utf16Walk.CharacterBytes(source[_position]);
            if (bytes == Utf16Walk.PairBytes)
            {
                if (units == 1)
                {
                    _insidePair = true;
                    return;
                }

                units--;
            }

            units--;
            _position += bytes;
        }
    }

    private static void ThrowEnd() => throw new MalformedUpdateException("The strings of an update v2 are shorter than their lengths.");
}
