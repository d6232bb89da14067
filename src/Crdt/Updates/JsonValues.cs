namespace CoEdit.Crdt;

/// <summary>Values on their way from one update to another, in the exact form that JavaScript gives them.</summary>
/// <remarks>
/// v1 carries the values of formats and embeds as JSON text, v2 as lib0 values; Yjs parses and writes them again whenever it touches an
/// update. What Yjs wrote comes out as it went in. Not thread-safe: results that are spans live until the next call.
/// </remarks>
internal sealed class JsonValues
{
    private const int LongestPlainInteger = 15;

    private readonly AnyWriter _writer = new();
    private readonly JsonToAny _json = new();
    private readonly ByteBuffer _any = new();
    private readonly ByteBuffer _text = new();

    /// <summary>Reads one lib0 value and writes it as lib0 would.</summary>
    /// <exception cref="MalformedUpdateException">It is no lib0 value.</exception>
    public void CopyAny(ref Lib0Reader any, ByteBuffer target)
    {
        int start = any.Position;
        AnyValue.Skip(ref any, 1);
        _writer.WriteAny(any.ReadSince(start), fromJson: false, target);
    }

    /// <summary>Writes JSON text as a lib0 value.</summary>
    /// <exception cref="MalformedUpdateException">It is not JSON.</exception>
    public void JsonToAny(ReadOnlySpan<byte> json, ByteBuffer target)
    {
        switch (json)
        {
            case [(byte)'t', (byte)'r', (byte)'u', (byte)'e']:
                target.WriteByte(AnyTag.True);
                return;
            case [(byte)'n', (byte)'u', (byte)'l', (byte)'l']:
                target.WriteByte(AnyTag.Null);
                return;
        }

        _any.Clear();
        _json.Convert(json, _any);
        _writer.WriteAny(_any.Written, fromJson: true, target);
    }

    /// <summary>A lib0 value as JSON text.</summary>
    /// <exception cref="MalformedUpdateException">It is no lib0 value, it is undefined, or there is a bigint in it.</exception>
    public ReadOnlySpan<byte> AnyToJson(ReadOnlySpan<byte> any)
    {
        switch (any)
        {
            case [AnyTag.True]:
                return "true"u8;
            case [AnyTag.Null]:
                return "null"u8;
        }

        Lib0Reader reader = new(any);
        AnyValue.Skip(ref reader, 1);
        _text.Clear();
        _writer.WriteJson(any, fromJson: false, _text);
        return _text.Written;
    }

    /// <summary>JSON text after <c>JSON.parse</c> and <c>JSON.stringify</c>.</summary>
    /// <exception cref="MalformedUpdateException">It is not JSON.</exception>
    public ReadOnlySpan<byte> NormalizeJson(ReadOnlySpan<byte> json)
    {
        if (IsNormal(json))
            return json;
        _any.Clear();
        _json.Convert(json, _any);
        _text.Clear();
        _writer.WriteJson(_any.Written, fromJson: true, _text);
        return _text.Written;
    }

    /// <summary>An element of the legacy JSON content after it was parsed and written again.</summary>
    /// <exception cref="MalformedUpdateException">It is neither JSON nor the word <c>undefined</c>.</exception>
    public ReadOnlySpan<byte> NormalizeElement(ReadOnlySpan<byte> element) =>
        element.SequenceEqual("undefined"u8) ? element : NormalizeJson(element);

    /// <summary>
    /// Writes the options of a subdocument: of whatever an object holds, <c>gc</c> if it is false, <c>autoLoad</c> if it is true and
    /// <c>meta</c> if there is one, in this order.
    /// </summary>
    /// <exception cref="MalformedUpdateException">The options are no object.</exception>
    public void CopyDocOptions(ReadOnlySpan<byte> any, ByteBuffer target)
    {
        Lib0Reader reader = new(any);
        if (reader.ReadByte() != AnyTag.Object)
            throw new MalformedUpdateException("The options of a subdocument are not an object.");
        bool gc = true;
        bool autoLoad = false;
        ReadOnlySpan<byte> meta = default;
        for (ulong left = reader.ReadVarUInt(); left > 0; left--)
        {
            ReadOnlySpan<byte> key = reader.ReadVarString();
            int start = reader.Position;
            AnyValue.Skip(ref reader, 1);
            ReadOnlySpan<byte> value = reader.ReadSince(start);
            if (key.SequenceEqual("gc"u8))
                gc = value[0] == AnyTag.Undefined || IsTruthy(value);
            else if (key.SequenceEqual("autoLoad"u8))
                autoLoad = IsTruthy(value);
            else if (key.SequenceEqual("meta"u8))
                meta = value[0] is AnyTag.Undefined or AnyTag.Null ? default : value;
        }

        target.WriteByte(AnyTag.Object);
        target.WriteVarUInt((gc ? 0UL : 1) + (autoLoad ? 1UL : 0) + (meta.IsEmpty ? 0UL : 1));
        if (!gc)
        {
            target.WriteVarBytes("gc"u8);
            target.WriteByte(AnyTag.False);
        }

        if (autoLoad)
        {
            target.WriteVarBytes("autoLoad"u8);
            target.WriteByte(AnyTag.True);
        }

        if (!meta.IsEmpty)
        {
            target.WriteVarBytes("meta"u8);
            _writer.WriteAny(meta, fromJson: false, target);
        }
    }

    // Texts that are surely what JSON.stringify writes, so that nearly every value of real documents is just copied.
    private static bool IsNormal(ReadOnlySpan<byte> json) => json switch
    {
        [(byte)'t', (byte)'r', (byte)'u', (byte)'e'] or [(byte)'n', (byte)'u', (byte)'l', (byte)'l'] or [(byte)'{', (byte)'}'] => true,
        [(byte)'"', .. ReadOnlySpan<byte> text, (byte)'"'] => text.IndexOfAny((byte)'"', (byte)'\\') < 0,
        [>= (byte)'1' and <= (byte)'9', .. ReadOnlySpan<byte> digits] =>
            digits.Length < LongestPlainInteger && digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0,
        _ => false,
    };

    private static bool IsTruthy(ReadOnlySpan<byte> any)
    {
        Lib0Reader reader = new(any);
        byte tag = reader.ReadByte();
        switch (tag)
        {
            case AnyTag.Undefined or AnyTag.Null or AnyTag.False:
                return false;
            case AnyTag.Integer or AnyTag.Float32 or AnyTag.Float64:
                double number = AnyWriter.ReadNumber(ref reader, tag);
                return number != 0 && !double.IsNaN(number);
            case AnyTag.BigInt:
                return reader.ReadInt64() != 0;
            case AnyTag.String:
                return reader.ReadVarUInt() > 0;
            default:
                return true;
        }
    }
}
