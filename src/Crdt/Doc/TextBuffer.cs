using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace CoEdit.Crdt;

/// <summary>The text of one client, appended in clock order, so that strings next to each other in clocks are next to each other here.</summary>
/// <remarks>
/// Segments of 65,536 UTF-16 units. A segment holds bytes (one per unit) while all its units are below U+0100, characters afterwards: one emoji
/// makes one segment wide, not the document. Splitting and joining strings copies nothing.
/// </remarks>
internal sealed class TextBuffer
{
    private const int SegmentBits = 16;
    private const int SegmentSize = 1 << SegmentBits;
    private const int SegmentMask = SegmentSize - 1;
    private const int FewChars = 256;
    private const int SmallestCompaction = 4096;

    private Segment[] _segments = [];

    public int Length { get; private set; }

    /// <summary>Units that no item uses any more.</summary>
    public int Dead { get; private set; }

    public bool WantsCompaction => Dead > SmallestCompaction && Dead > Length / 2;

    public char this[int position]
    {
        get
        {
            ref Segment segment = ref _segments[position >> SegmentBits];
            return segment.Wide is { } wide ? wide[position & SegmentMask] : (char)segment.Narrow[position & SegmentMask];
        }

        set
        {
            ref Segment segment = ref _segments[position >> SegmentBits];
            segment.Widen();
            segment.Wide![position & SegmentMask] = value;
        }
    }

    /// <summary>Appends valid UTF-8 of a known number of units.</summary>
    public int AppendUtf8(ReadOnlySpan<byte> utf8, int units)
    {
        if (utf8.Length == units)
        {
            int start = Length;
            AppendNarrow(utf8, ascii: true);
            return start;
        }

        char[]? rented = null;
        Span<char> chars = units <= FewChars ? stackalloc char[FewChars] : (rented = ArrayPool<char>.Shared.Rent(units));
        int written = Encoding.UTF8.GetChars(utf8, chars);
        int position = AppendChars(chars[..written]);
        if (rented is not null)
            ArrayPool<char>.Shared.Return(rented);
        return position;
    }

    /// <summary>Appends ASCII.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int AppendAscii(ReadOnlySpan<byte> ascii)
    {
        int start = Length;
        int index = start >> SegmentBits;
        int used = start & SegmentMask;
        if (index < _segments.Length && used > 0 && ascii.TryCopyTo(_segments[index].Narrow.AsSpan(Math.Min(used, _segments[index].Narrow.Length))))
            Length = start + ascii.Length;
        else
            AppendNarrow(ascii, ascii: true);
        return start;
    }

    /// <summary>Makes room at once for units that are about to come, if they are many, as far as one segment goes.</summary>
    public void Reserve(int units)
    {
        if (units > FewChars && units > Length >> 1)
            TailSegment(out int used).Reserve(Math.Min(used + units, SegmentSize));
    }

    public int AppendChars(ReadOnlySpan<char> chars)
    {
        int start = Length;
        while (!chars.IsEmpty)
        {
            ref Segment segment = ref TailSegment(out int used);
            ReadOnlySpan<char> part = chars[..Math.Min(chars.Length, SegmentSize - used)];
            segment.Append(used, part);
            Length += part.Length;
            chars = chars[part.Length..];
        }

        return start;
    }

    /// <summary>Copies units of this or another buffer to the end, for compaction.</summary>
    public int AppendFrom(TextBuffer source, int position, int length)
    {
        int start = Length;
        while (length > 0)
        {
            ref Segment segment = ref source._segments[position >> SegmentBits];
            int offset = position & SegmentMask;
            int part = Math.Min(length, SegmentSize - offset);
            if (segment.Wide is { } wide)
                AppendChars(wide.AsSpan(offset, part));
            else
                AppendNarrow(segment.Narrow.AsSpan(offset, part), segment.IsAscii);
            position += part;
            length -= part;
        }

        return start;
    }

    public void CopyTo(int position, Span<char> target)
    {
        while (!target.IsEmpty)
        {
            ref Segment segment = ref _segments[position >> SegmentBits];
            int offset = position & SegmentMask;
            int part = Math.Min(target.Length, SegmentSize - offset);
            if (segment.Wide is { } wide)
                wide.AsSpan(offset, part).CopyTo(target);
            else
                Encoding.Latin1.GetChars(segment.Narrow.AsSpan(offset, part), target);
            position += part;
            target = target[part..];
        }
    }

    /// <summary>The units as ASCII bytes, if they are and lie in one segment.</summary>
    public bool TryGetAscii(int position, int length, out ReadOnlySpan<byte> ascii)
    {
        int offset = position & SegmentMask;
        if (length == 0 || offset + length > SegmentSize)
        {
            ascii = default;
            return length == 0;
        }

        ref Segment segment = ref _segments[position >> SegmentBits];
        ascii = segment.Wide is null ? segment.Narrow.AsSpan(offset, length) : default;
        return segment.IsAscii || (segment.Wide is null && Ascii.IsValid(ascii));
    }

    /// <summary>The units as they are stored, if that is as characters and in one segment.</summary>
    public bool TryGetChars(int position, int length, out ReadOnlySpan<char> chars)
    {
        int offset = position & SegmentMask;
        if (offset + length > SegmentSize || _segments[position >> SegmentBits].Wide is not { } wide)
        {
            chars = default;
            return false;
        }

        chars = wide.AsSpan(offset, length);
        return true;
    }

    /// <summary>An item has given up its text. At the end of the buffer the room is used again at once.</summary>
    public void Release(int position, int length)
    {
        if (position + length == Length)
            Length = position;
        else
            Dead += length;
    }

    /// <summary>Takes over the segments of a buffer that holds the same strings without the dead ones.</summary>
    public void ReplaceBy(TextBuffer compacted)
    {
        _segments = compacted._segments;
        Length = compacted.Length;
        Dead = 0;
    }

    private void AppendNarrow(ReadOnlySpan<byte> units, bool ascii)
    {
        while (!units.IsEmpty)
        {
            ref Segment segment = ref TailSegment(out int used);
            ReadOnlySpan<byte> part = units[..Math.Min(units.Length, SegmentSize - used)];
            segment.AppendNarrow(used, part, ascii);
            Length += part.Length;
            units = units[part.Length..];
        }
    }

    private ref Segment TailSegment(out int used)
    {
        int index = Length >> SegmentBits;
        used = Length & SegmentMask;
        if (index >= _segments.Length)
        {
            Array.Resize(ref _segments, index + 1);
            _segments[index] = new Segment { Narrow = [], IsAscii = true };
        }
        else if (used == 0)
        {
            _segments[index] = new Segment { Narrow = _segments[index].Narrow, IsAscii = true };
        }

        return ref _segments[index];
    }

    private struct Segment
    {
        public byte[] Narrow;
        public char[]? Wide;
        public bool IsAscii;

        public void AppendNarrow(int used, ReadOnlySpan<byte> units, bool ascii)
        {
            if (Wide is not null)
            {
                Grow(used + units.Length);
                Encoding.Latin1.GetChars(units, Wide.AsSpan(used));
                return;
            }

            IsAscii &= ascii;
            Grow(used + units.Length);
            units.CopyTo(Narrow.AsSpan(used));
        }

        public void Append(int used, ReadOnlySpan<char> chars)
        {
            if (Wide is null)
            {
                bool ascii = Ascii.IsValid(chars);
                if (ascii || !chars.ContainsAnyExceptInRange((char)0, (char)0xFF))
                {
                    IsAscii &= ascii;
                    Grow(used + chars.Length);
                    Encoding.Latin1.GetBytes(chars, Narrow.AsSpan(used));
                    return;
                }

                Widen();
            }

            Grow(used + chars.Length);
            chars.CopyTo(Wide.AsSpan(used));
        }

        public void Widen()
        {
            if (Wide is not null)
                return;
            Wide = new char[Narrow.Length];
            Encoding.Latin1.GetChars(Narrow, Wide);
            Narrow = [];
            IsAscii = false;
        }

        public void Reserve(int capacity)
        {
            if (Wide is null && capacity > Narrow.Length)
                Array.Resize(ref Narrow, capacity);
        }

        private void Grow(int needed)
        {
            int capacity = Wide?.Length ?? Narrow.Length;
            if (needed <= capacity)
                return;
            capacity = Math.Min(SegmentSize, Math.Max(needed, Math.Max(16, capacity + (capacity >> 1))));
            if (Wide is not null)
                Array.Resize(ref Wide, capacity);
            else
                Array.Resize(ref Narrow, capacity);
        }
    }
}
