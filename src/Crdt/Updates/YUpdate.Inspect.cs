namespace CoEdit.Crdt;

public static partial class YUpdate
{
    /// <summary>The state vector of a document that has nothing but an update v1.</summary>
    /// <returns>
    /// The encoded vector, in the update's order of clients. A client whose structs do not begin at clock 0 is left out, one with a hole
    /// counts up to it.
    /// </returns>
    /// <exception cref="MalformedUpdateException">It is not an update v1.</exception>
    public static byte[] EncodeStateVectorFromUpdate(ReadOnlySpan<byte> update) => EncodeStateVector(update, UpdateFormat.V1, null);

    /// <summary>The state vector of a document that has nothing but an update v2.</summary>
    /// <exception cref="MalformedUpdateException">It is not an update v2, or it breaks a limit.</exception>
    /// <inheritdoc cref="EncodeStateVectorFromUpdate"/>
    public static byte[] EncodeStateVectorFromUpdateV2(ReadOnlySpan<byte> update, UpdateReadOptions? options = null) =>
        EncodeStateVector(update, UpdateFormat.V2, options);

    /// <summary>Tells which clocks an update v1 covers.</summary>
    /// <exception cref="MalformedUpdateException">It is not an update v1.</exception>
    public static UpdateMeta ParseUpdateMeta(ReadOnlySpan<byte> update) => ParseMeta(update, UpdateFormat.V1, null);

    /// <summary>Tells which clocks an update v2 covers.</summary>
    /// <exception cref="MalformedUpdateException">It is not an update v2, or it breaks a limit.</exception>
    public static UpdateMeta ParseUpdateMetaV2(ReadOnlySpan<byte> update, UpdateReadOptions? options = null) =>
        ParseMeta(update, UpdateFormat.V2, options);

    private static byte[] EncodeStateVector(ReadOnlySpan<byte> update, UpdateFormat format, UpdateReadOptions? options)
    {
        options ??= UpdateReadOptions.Default;
        UpdateCursor cursor = UpdateCursor.Open(update, format, options);
        ByteBuffer entries = new();
        ulong count = 0;
        ulong client = 0;

        // The clock up to which the present client is known without a hole. (A Skip in front of everything is a hole as well; Yjs counts it
        // as known for the first client of an update, which no writer is known to produce.)
        uint known = 0;
        while (cursor.MoveNext(update))
        {
            if (cursor.Current.Client != client)
            {
                Add();
                client = cursor.Current.Client;
                known = 0;
            }

            if (cursor.Current.Clock == known && cursor.Current.Kind != StructKind.Skip)
                known = cursor.Current.End;
        }

        Add();
        if (!cursor.IsRegular)
            return EncodeStateVector(Sort(update, format, options), format, options);
        cursor.ReadDeleteSet(update, []);
        ByteBuffer target = new();
        target.WriteVarUInt(count);
        target.Append(entries.Written);
        return target.Written.ToArray();

        void Add()
        {
            if (known == 0)
                return;
            count++;
            entries.WriteVarUInt(client);
            entries.WriteVarUInt(known);
        }
    }

    private static UpdateMeta ParseMeta(ReadOnlySpan<byte> update, UpdateFormat format, UpdateReadOptions? options)
    {
        options ??= UpdateReadOptions.Default;
        UpdateCursor cursor = UpdateCursor.Open(update, format, options);
        Dictionary<ulong, uint> from = new(ClientComparer.Instance);
        Dictionary<ulong, uint> to = new(ClientComparer.Instance);
        while (cursor.MoveNext(update))
        {
            from.TryAdd(cursor.Current.Client, cursor.Current.Clock);
            to[cursor.Current.Client] = cursor.Current.End;
        }

        if (!cursor.IsRegular)
            return ParseMeta(Sort(update, format, options), format, options);
        cursor.ReadDeleteSet(update, []);
        return new UpdateMeta(from, to);
    }
}
