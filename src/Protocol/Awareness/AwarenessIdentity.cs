using System.Buffers;
using System.Text;
using System.Text.Json;

namespace CoEdit.Protocol;

/// <summary>Who is behind a connection, as the awareness table needs it.</summary>
/// <remarks>Immutable; any thread.</remarks>
public sealed class AwarenessIdentity
{
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = AwarenessUpdateReader.MaxJsonDepth };

    private readonly byte[]? _stamp;

    /// <summary>Creates an identity.</summary>
    /// <param name="principal">The user's id. Home clients are bound to it.</param>
    /// <param name="stampedName">When not null, <c>user.id</c> and <c>user.name</c> of every state are replaced by the id and this.</param>
    public AwarenessIdentity(string principal, string? stampedName = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(principal);
        Principal = principal;
        if (stampedName is not null)
            _stamp = Encoding.UTF8.GetBytes($"\"id\":{Quote(principal)},\"name\":{Quote(stampedName)}");
    }

    /// <summary>The user's id.</summary>
    public string Principal { get; }

    /// <summary>The state as others get to see it: other members stay as they are, byte for byte. A state that is no object stays whole.</summary>
    /// <param name="json">JSON that was validated.</param>
    internal byte[] Stamp(ReadOnlySpan<byte> json)
    {
        var first = new Utf8JsonReader(json, ReaderOptions);
        if (_stamp is null || !first.Read() || first.TokenType != JsonTokenType.StartObject)
            return json.ToArray();
        var state = new ArrayBufferWriter<byte>(json.Length + _stamp.Length + 16);
        state.Write("{"u8);
        ReadOnlySpan<byte> user = CopyMembers(json, "user"u8, [], state);
        state.Write("\"user\":{"u8);
        if (!user.IsEmpty && user[0] == (byte)'{')
            CopyMembers(user, "id"u8, "name"u8, state);
        state.Write(_stamp);
        state.Write("}}"u8);
        return state.WrittenSpan.ToArray();
    }

    // Copies the members of an object, each followed by a comma, except two; returns the value of the first one left out.
    private static ReadOnlySpan<byte> CopyMembers(ReadOnlySpan<byte> json, ReadOnlySpan<byte> except, ReadOnlySpan<byte> alsoExcept, ArrayBufferWriter<byte> target)
    {
        ReadOnlySpan<byte> found = [];
        var reader = new Utf8JsonReader(json, ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int start = (int)reader.TokenStartIndex;
            bool isFirst = reader.ValueTextEquals(except);
            bool isOther = !alsoExcept.IsEmpty && reader.ValueTextEquals(alsoExcept);
            reader.Read();
            int valueStart = (int)reader.TokenStartIndex;
            reader.Skip();
            int end = (int)reader.BytesConsumed;
            if (isFirst)
                found = json[valueStart..end];
            if (isFirst || isOther)
                continue;
            target.Write(json[start..end]);
            target.Write(","u8);
        }

        return found;
    }

    private static string Quote(string text) => "\"" + JsonEncodedText.Encode(text) + "\"";
}
