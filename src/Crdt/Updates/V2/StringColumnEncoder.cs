using System.Buffers;
using System.Text;

namespace CoEdit.Crdt;

/// <summary>Column of strings: all of them in one text, then the length of each in UTF-16 units.</summary>
/// <remarks>
/// <code>column := str(all) UintOptRle(lengths)</code>
/// The text is turned into UTF-8 as a whole: half a surrogate pair at the end of one string and the other half at the start of the next
/// are one character again. A half that stays alone becomes U+FFFD.
/// </remarks>
internal sealed class StringColumnEncoder
{
    private readonly ByteBuffer _text = new();
    private readonly UintOptRleEncoder _lengths = new();

    // A high surrogate at the end of the text that waits for its other half; not in _text yet.
    private char _high;

    public void Write(ReadOnlySpan<char> text)
    {
        _lengths.Write((ulong)text.Length);
        if (text.IsEmpty)
            return;
        if (char.IsLowSurrogate(text[0]) && _high != '\0')
        {
            Join(text[0]);
            text = text[1..];
            if (text.IsEmpty)
                return;
        }

        FlushHalf();
        if (char.IsHighSurrogate(text[^1]))
        {
            _high = text[^1];
            text = text[..^1];
        }

        if (!text.IsEmpty)
            _text.Advance(Encoding.UTF8.GetBytes(text, _text.GetSpan(Encoding.UTF8.GetByteCount(text))));
    }

    /// <summary>Writes a string that is UTF-8 already.</summary>
    /// <param name="text">The string.</param>
    /// <param name="units">Its length in UTF-16 units.</param>
    public void Write(WireText text, int units)
    {
        _lengths.Write((ulong)units);
        if (text.Before != '\0')
        {
            if (_high != '\0' && char.IsLowSurrogate(text.Before))
            {
                Join(text.Before);
            }
            else
            {
                FlushHalf();
                _text.Append(WireText.Replacement);
            }
        }

        if (!text.Utf8.IsEmpty)
        {
            FlushHalf();
            _text.Append(text.Utf8);
        }

        if (text.Behind != '\0')
        {
            FlushHalf();
            _high = text.Behind;
        }
    }

    /// <summary>Ends the column and writes it as <c>buf</c>.</summary>
    public void FinishTo<TWriter>(TWriter target)
        where TWriter : IBufferWriter<byte>, allows ref struct
    {
        FlushHalf();
        ReadOnlySpan<byte> lengths = _lengths.Finish();
        target.WriteVarUInt((ulong)(Lib0Writer.VarUIntLength((ulong)_text.Length) + (long)_text.Length + lengths.Length));
        target.WriteVarBytes(_text.Written);
        target.WriteRaw(lengths);
    }

    public void Clear()
    {
        _text.Clear();
        _lengths.Clear();
        _high = '\0';
    }

    private void Join(char low)
    {
        _text.Advance(new Rune(_high, low).EncodeToUtf8(_text.GetSpan(Utf16Walk.PairBytes)));
        _high = '\0';
    }

    private void FlushHalf()
    {
        if (_high == '\0')
            return;
        _text.Append(WireText.Replacement);
        _high = '\0';
    }
}
