using System.Buffers.Binary;

namespace CoEdit.Crdt;

/// <summary>Taking over the contents of an update v2. Values of embeds and formats stay lib0 values, which can hold more than JSON.</summary>
internal sealed partial class StructStore
{
    [ThreadStatic]
    private static JsonValues? s_values;

    // The update that is being applied; contents of the v2 format are looked up in it by number.
    private DecodedUpdate? _applying;

    private int ReadContentV2(in DecodedUpdate.Struct next, ReadOnlySpan<byte> bytes, ClientStructs structs, int offset, int handle)
    {
        DecodedUpdate update = _applying!;
        ReadOnlySpan<byte> value = next.Kind is StructKind.Type or StructKind.Deleted ? default : bytes[next.Content..next.End];
        switch (next.Kind)
        {
            case StructKind.Deleted:
                return 0;
            case StructKind.String when next.Start >= 0:
                return AppendHalves(structs.Text, update.Texts[next.Start].In(bytes).ToString(), offset);
            case StructKind.String:
                return AppendText(structs.Text, value, next.Length, offset);
            case StructKind.Any or StructKind.Json:
                return Arena.Add(offset == 0 ? value : value[ValueOffset(next.Kind, value, offset)..]);
            case StructKind.Binary:
                return Arena.Add(value);
            case StructKind.Embed:
                return Arena.Add([EncodedAsAny], value);
            case StructKind.Format:
                Span<byte> header = stackalloc byte[FormatHeader];
                BinaryPrimitives.WriteInt32LittleEndian(header, update.InternKey(next.Start, bytes, Keys));
                header[^1] = EncodedAsAny;
                return Arena.Add(header, value);
            case StructKind.Type:
                return NewType(next.Content, next.Start >= 0 ? update.InternKey(next.Start, bytes, Keys) : -1, handle);
            default:
                ByteBuffer content = new();
                update.Texts[next.Start].In(bytes).WriteTo(content);
                content.Append(value);
                SetSubdoc(handle, YDoc.FromWire(content.Written));
                return Arena.Add(content.Written);
        }
    }

    /// <summary>The JSON text that the value of an embed or a format has in an update v1. Valid until the next call on this thread.</summary>
    /// <exception cref="InvalidOperationException">JSON has no form for it.</exception>
    private static ReadOnlySpan<byte> JsonForm(ReadOnlySpan<byte> any)
    {
        try
        {
            return (s_values ??= new JsonValues()).AnyToJson(any);
        }
        catch (MalformedUpdateException exception)
        {
            throw new InvalidOperationException(
                "An embed or a format holds a 64-bit integer or undefined, which an update v1 has no form for; use v2.", exception);
        }
    }

    // The string column can cut a surrogate pair between two strings; when they are joined, the pair is whole again.
    private static int AppendHalves(TextBuffer text, string units, int offset)
    {
        Span<char> chars = units.ToCharArray();
        if (offset > 0 && char.IsHighSurrogate(chars[offset - 1]))
            chars[offset] = ReplacementCharacter;
        return text.AppendChars(chars[offset..]);
    }
}
