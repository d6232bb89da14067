namespace CoEdit.Crdt;

/// <summary>Compares what units carry, by what it means to a Yjs client and not by how it happens to be written.</summary>
/// <remarks>
/// Whoever has taken in a struct writes it in his own form: numbers in another width, JSON parsed and written again, properties in another
/// order, half a surrogate pair as U+FFFD. None of that is a difference. Bytes that are equal are never looked into.
/// </remarks>
internal sealed class ContentComparer
{
    // Made when values are met that are written differently, which hardly ever happens.
    private Normalizer? _normalizer;

    private Normalizer Normalized => _normalizer ??= new Normalizer();

    /// <summary>How many of the next units agree, counted up to the first that doesn't. Both cursors hold live structs of one kind.</summary>
    public uint CountEqual(scoped in UnitCursor a, scoped in UnitCursor b, uint units) => a.Kind switch
    {
        StructKind.String => CountEqualText(a, b, units),
        StructKind.Any or StructKind.Json => CountEqualValues(a, b, units),
        _ => a.Content.SequenceEqual(b.Content) || IsSameContent(a.Kind, a.Content, b.Content) ? units : 0,
    };

    private static uint CountEqualText(scoped in UnitCursor a, scoped in UnitCursor b, uint units)
    {
        if (a.IsAsciiText && b.IsAsciiText)
            return (uint)a.Units[..(int)units].CommonPrefixLength(b.Units[..(int)units]);
        ReadOnlySpan<byte> left = a.Units;
        ReadOnlySpan<byte> right = b.Units;
        bool leftInside = a.IsInsidePair;
        bool rightInside = b.IsInsidePair;
        for (uint i = 0; i < units; i++)
        {
            char one = ReadUnit(ref left, ref leftInside);
            char other = ReadUnit(ref right, ref rightInside);
            // Who splits a pair, or has to write half of one, writes U+FFFD; so halves match anything.
            if (one != other && !char.IsSurrogate(one) && !char.IsSurrogate(other))
                return i;
        }

        return units;
    }

    private static char ReadUnit(ref ReadOnlySpan<byte> text, ref bool isInside)
    {
        const char High = '\uD800';
        const char Low = '\uDC00';
        byte lead = text[0];
        int bytes = Utf16Walk.CharacterBytes(lead);
        if (bytes == Utf16Walk.PairBytes && !isInside)
        {
            isInside = true;
            return High;
        }

        isInside = false;
        char unit = bytes switch
        {
            1 => (char)lead,
            2 => (char)(((lead & 0x1F) << 6) | (text[1] & 0x3F)),
            3 => (char)(((lead & 0x0F) << 12) | ((text[1] & 0x3F) << 6) | (text[2] & 0x3F)),
            _ => Low,
        };
        text = text[bytes..];
        return unit;
    }

    private uint CountEqualValues(scoped in UnitCursor a, scoped in UnitCursor b, uint units)
    {
        Lib0Reader left = new(a.Units);
        Lib0Reader right = new(b.Units);
        for (uint i = 0; i < units; i++)
        {
            bool same = a.Kind == StructKind.Any
                ? IsSameAny(ReadAny(ref left), ReadAny(ref right))
                : IsSameElement(left.ReadVarBytes(), right.ReadVarBytes());
            if (!same)
                return i;
        }

        return units;
    }

    private bool IsSameContent(StructKind kind, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        Lib0Reader left = new(a);
        Lib0Reader right = new(b);
        switch (kind)
        {
            case StructKind.Binary:
                return left.ReadVarBytes().SequenceEqual(right.ReadVarBytes());
            case StructKind.Embed:
                return IsSameJson(left.ReadVarBytes(), right.ReadVarBytes());
            case StructKind.Format:
                return left.ReadVarBytes().SequenceEqual(right.ReadVarBytes()) && IsSameJson(left.ReadVarBytes(), right.ReadVarBytes());
            case StructKind.Type:
                return left.ReadVarUInt() == right.ReadVarUInt()
                    && (left.IsAtEnd ? right.IsAtEnd : !right.IsAtEnd && left.ReadVarBytes().SequenceEqual(right.ReadVarBytes()));
            case StructKind.Doc:
                return IsSameDoc(ref left, ref right);
            default:
                throw new InvalidOperationException($"Content of kind {kind} has no units to compare.");
        }
    }

    // Clients keep those options of a subdocument that they know, and an application may change them; its guid is what it is. Options
    // with a guid of their own replace it in Yjs, so such a subdocument has another guid whenever it is written again.
    private static bool IsSameDoc(ref Lib0Reader left, ref Lib0Reader right)
    {
        bool sameGuid = left.ReadVarBytes().SequenceEqual(right.ReadVarBytes());
        return sameGuid || HasGuid(ref left) || HasGuid(ref right);
    }

    private static bool HasGuid(ref Lib0Reader options)
    {
        options.ReadByte();
        bool found = false;
        for (ulong left = options.ReadVarUInt(); left > 0; left--)
        {
            found |= options.ReadVarBytes().SequenceEqual("guid"u8);
            AnyValue.Skip(ref options, 1);
        }

        return found;
    }

    private static ReadOnlySpan<byte> ReadAny(ref Lib0Reader reader)
    {
        int start = reader.Position;
        AnyValue.Skip(ref reader, 1);
        return reader.ReadSince(start);
    }

    private bool IsSameElement(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        if (a.SequenceEqual(b))
            return true;
        ReadOnlySpan<byte> undefined = "undefined"u8;
        return !a.SequenceEqual(undefined) && !b.SequenceEqual(undefined) && IsSameJson(a, b);
    }

    private bool IsSameAny(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) =>
        a.SequenceEqual(b) || Normalized.FingerprintAny(a) == Normalized.FingerprintAny(b);

    private bool IsSameJson(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) =>
        a.SequenceEqual(b) || Normalized.FingerprintJson(a) == Normalized.FingerprintJson(b);

    private sealed class Normalizer
    {
        private readonly JsonValues _values = new();
        private readonly AnyFingerprint _fingerprint = new();
        private readonly ByteBuffer _any = new();

        public ulong FingerprintAny(ReadOnlySpan<byte> any)
        {
            _any.Clear();
            Lib0Reader reader = new(any);
            _values.CopyAny(ref reader, _any);
            return _fingerprint.Of(_any.Written, isJson: false);
        }

        public ulong FingerprintJson(ReadOnlySpan<byte> json)
        {
            _any.Clear();
            _values.JsonToAny(json, _any);
            return _fingerprint.Of(_any.Written, isJson: true);
        }
    }
}
