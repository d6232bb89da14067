using System.Text.Json;
using System.Text.Unicode;
using CoEdit.Crdt;

namespace CoEdit.Protocol;

/// <summary>Walks the entries of an awareness update.</summary>
/// <remarks>
/// <c>awareness update = u(count) count * (u(client) u(clock) str(JSON text))</c>. Bytes after the last entry are ignored, as clients do.
/// A table reads every update twice: first with <see cref="Validate"/>, then to apply it, so that a malformed one changes nothing.
/// </remarks>
internal ref struct AwarenessUpdateReader
{
    // Deep enough for any cursor; JSON.stringify recurses in the clients that a state is relayed to.
    internal const int MaxJsonDepth = 64;

    private Lib0Reader _reader;
    private ulong _remaining;

    public AwarenessUpdateReader(ReadOnlySpan<byte> update)
    {
        _reader = new Lib0Reader(update);
        _remaining = _reader.ReadVarUInt();
    }

    public ulong ClientId { get; private set; }

    public ulong Clock { get; private set; }

    public ReadOnlySpan<byte> Json { get; private set; }

    /// <summary>True when the state is the JSON value null: the client is gone. Clients write it without white space.</summary>
    public readonly bool IsRemoval => Json.Trim(" \t\r\n"u8).SequenceEqual("null"u8);

    public bool MoveNext()
    {
        if (_remaining == 0)
            return false;
        _remaining--;
        ClientId = _reader.ReadVarUInt();
        Clock = _reader.ReadVarUInt();
        Json = _reader.ReadVarBytes();
        return true;
    }

    /// <summary>Checks the whole update and tells what the home rule has to know about it.</summary>
    /// <param name="update">The bytes.</param>
    /// <param name="maxEntries">How many entries are plausible.</param>
    /// <param name="maxStateBytes">States above this are never relayed; their JSON is not looked into.</param>
    /// <param name="namesOneClient">True when there is an entry and every entry is about the same client.</param>
    /// <param name="carriesState">True when at least one entry is not a removal.</param>
    /// <exception cref="MalformedUpdateException">Truncated, more entries than allowed, not UTF-8, or not JSON.</exception>
    public static void Validate(
        ReadOnlySpan<byte> update, ulong maxEntries, int maxStateBytes, out bool namesOneClient, out bool carriesState)
    {
        var entries = new AwarenessUpdateReader(update);
        if (entries._remaining > maxEntries)
            throw new MalformedUpdateException("The awareness update has more entries than a room can hold.");

        namesOneClient = entries._remaining > 0;
        carriesState = false;
        ulong? first = null;
        while (entries.MoveNext())
        {
            first ??= entries.ClientId;
            namesOneClient &= entries.ClientId == first;
            carriesState |= !entries.IsRemoval;
            if (!Utf8.IsValid(entries.Json))
                throw new MalformedUpdateException("An awareness state is not valid UTF-8.");
            if (entries.Json.Length <= maxStateBytes)
                ValidateJson(entries.Json);
        }
    }

    // The text is stored and relayed as it is, but it has to be JSON: stock clients parse it without catching the exception.
    private static void ValidateJson(ReadOnlySpan<byte> json)
    {
        var tokens = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxJsonDepth });
        try
        {
            while (tokens.Read())
            {
            }
        }
        catch (JsonException exception)
        {
            throw new MalformedUpdateException("An awareness state is not JSON.", exception);
        }
    }
}
