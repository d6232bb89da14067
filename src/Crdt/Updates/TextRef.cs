namespace CoEdit.Crdt;

/// <summary>Where a string lies in the bytes of an update. See <see cref="WireText"/>, which it becomes together with those bytes.</summary>
/// <param name="Start">Offset of the first UTF-8 byte.</param>
/// <param name="Length">Number of UTF-8 bytes.</param>
/// <param name="Before">The lone surrogate in front of them, or U+0000.</param>
/// <param name="Behind">The lone surrogate behind them, or U+0000.</param>
internal readonly record struct TextRef(int Start, int Length, char Before = '\0', char Behind = '\0')
{
    /// <summary>True when the string is exactly its UTF-8 bytes.</summary>
    public bool IsWhole => Before == '\0' && Behind == '\0';

    public WireText In(ReadOnlySpan<byte> source) => new(source.Slice(Start, Length), Before, Behind);
}
