using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace CoEdit.Crdt;

/// <summary>Writing structs and delete sets as update v1.</summary>
internal sealed partial class StructStore
{
    /// <summary>The document's structs from the clocks of a state vector on, and its whole delete set.</summary>
    public void EncodeState(IBufferWriter<byte> target, StateVector? from)
    {
        List<ClockPoint> starts = [];
        foreach (ClientStructs structs in _clients)
        {
            int start = from is null ? 0 : (int)from[structs.Id];
            if (structs.State > start)
                starts.Add(new ClockPoint(structs.Index, start));
        }

        WireWriter writer = new(target);
        WriteStructs(ref writer, starts);
        WriteDeleteSet(ref writer);
        writer.Flush();
    }

    public void EncodeTransaction(IBufferWriter<byte> target, List<ClockPoint> starts, Transaction transaction)
    {
        WireWriter writer = new(target);
        WriteStructs(ref writer, starts);
        transaction.SortDeletes();
        WriteRuns(ref writer, transaction.Deletes.Items);
        writer.Flush();
    }

    private void WriteStructs(ref WireWriter writer, List<ClockPoint> starts)
    {
        if (starts.Count > 1)
            starts.Sort((a, b) => _clients[b.Client].Id.CompareTo(_clients[a.Client].Id));
        writer.PutVarUInt((ulong)starts.Count);
        foreach (ClockPoint start in starts)
        {
            ClientStructs structs = _clients[start.Client];
            int position = structs.Find(start.Clock);
            writer.PutVarUInt((ulong)structs.CountFrom(position));
            writer.PutVarUInt(structs.Id);
            writer.PutVarUInt((ulong)start.Clock);
            int offset = start.Clock - structs.ClockAt(position);
            for (; position >= 0; position = structs.Next(position))
            {
                WriteStruct(ref writer, structs, ref Items[structs.HandleAt(position)], offset);
                offset = 0;
            }
        }
    }

    private void WriteStruct(ref WireWriter writer, ClientStructs structs, ref Item item, int offset)
    {
        if (item.IsGc)
        {
            writer.PutByte(0);
            writer.PutVarUInt((ulong)(item.Length - offset));
            return;
        }

        bool origin = offset > 0 || item.HasOrigin;
        int info = (int)item.Kind
            | (origin ? StructInfo.HasOrigin : 0)
            | (item.HasRightOrigin ? StructInfo.HasRightOrigin : 0)
            | (item.IsKeyed ? StructInfo.HasParentSub : 0);
        writer.PutByte((byte)info);
        if (offset > 0)
        {
            writer.PutVarUInt(structs.Id);
            writer.PutVarUInt((ulong)(item.Clock + offset - 1));
        }
        else if (origin)
        {
            writer.PutVarUInt(item.OriginClient == structs.Index ? structs.Id : _clients[item.OriginClient].Id);
            writer.PutVarUInt((ulong)item.OriginClock);
        }

        if (item.HasRightOrigin)
        {
            writer.PutVarUInt(_clients[item.RightClient].Id);
            writer.PutVarUInt((ulong)item.RightClock);
        }
        else if (!origin)
        {
            WriteParent(ref writer, item);
        }

        WriteContent(ref writer, structs, item, offset);
    }

    private void WriteParent(ref WireWriter writer, in Item item)
    {
        ref TypeNode parent = ref _types[item.Parent];
        if (parent.Owner == None)
        {
            writer.PutByte(1);
            PutBytes(ref writer, Keys.Utf8(parent.Name));
        }
        else
        {
            writer.PutByte(0);
            ref Item owner = ref Items[parent.Owner];
            writer.PutVarUInt(_clients[owner.Client].Id);
            writer.PutVarUInt((ulong)owner.Clock);
        }

        if (item.IsKeyed)
            PutBytes(ref writer, Keys.Utf8(item.Aux));
    }

    private void WriteContent(ref WireWriter writer, ClientStructs structs, in Item item, int offset)
    {
        switch (item.Kind)
        {
            case StructKind.Deleted:
                writer.PutVarUInt((ulong)(item.Length - offset));
                break;
            case StructKind.String:
                WriteText(ref writer, structs.Text, item.Content + offset, item.Length - offset);
                break;
            case StructKind.Any or StructKind.Json:
                ReadOnlySpan<byte> values = Arena.Get(item.Content);
                writer.PutVarUInt((ulong)(item.Length - offset));
                writer.PutBytes(offset == 0 ? values : values[ValueOffset(item.Kind, values, offset)..]);
                break;
            case StructKind.Binary:
                PutBytes(ref writer, Arena.Get(item.Content));
                break;
            case StructKind.Embed:
                PutJson(ref writer, Arena.Get(item.Content));
                break;
            case StructKind.Format:
                ReadOnlySpan<byte> format = Arena.Get(item.Content);
                PutBytes(ref writer, Keys.Utf8(BinaryPrimitives.ReadInt32LittleEndian(format)));
                PutJson(ref writer, format[(FormatHeader - 1)..]);
                break;
            case StructKind.Type:
                ref TypeNode type = ref _types[item.Content];
                writer.PutVarUInt((ulong)type.Ref);
                if (type.Ref is YType.XmlElementRef or YType.XmlHookRef)
                    PutBytes(ref writer, Keys.Utf8(type.Name));
                break;
            default:
                writer.PutBytes(Arena.Get(item.Content));
                break;
        }
    }

    private static void PutBytes(ref WireWriter writer, ReadOnlySpan<byte> bytes)
    {
        writer.PutVarUInt((ulong)bytes.Length);
        writer.PutBytes(bytes);
    }

    private static void PutJson(ref WireWriter writer, ReadOnlySpan<byte> encoded)
    {
        if (encoded[0] == EncodedAsJson)
        {
            PutBytes(ref writer, encoded[1..]);
            return;
        }

        PutBytes(ref writer, JsonForm(encoded[1..]));
    }

    private static void WriteText(ref WireWriter writer, TextBuffer text, int position, int length)
    {
        if (text.TryGetAscii(position, length, out ReadOnlySpan<byte> ascii))
        {
            PutBytes(ref writer, ascii);
            return;
        }

        char[] chars = ArrayPool<char>.Shared.Rent(length);
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(length));
        text.CopyTo(position, chars.AsSpan(0, length));
        int written = Encoding.UTF8.GetBytes(chars.AsSpan(0, length), bytes);
        PutBytes(ref writer, bytes.AsSpan(0, written));
        ArrayPool<char>.Shared.Return(chars);
        ArrayPool<byte>.Shared.Return(bytes);
    }

    /// <summary>All deleted runs of the document, sorted by client index and clock.</summary>
    public void CollectDeleteSet(ref ScratchList<ClockRun> runs)
    {
        foreach (ClientStructs structs in _clients)
        {
            int start = -1;
            for (int position = structs.IsEmpty ? -1 : ClientStructs.FirstPosition; position >= 0; position = structs.Next(position))
            {
                ref Item item = ref Items[structs.HandleAt(position)];
                if (item.IsDeleted)
                {
                    if (start < 0)
                        start = item.Clock;
                }
                else if (start >= 0)
                {
                    runs.Add(new ClockRun(structs.Index, start, item.Clock - start));
                    start = -1;
                }
            }

            if (start >= 0)
                runs.Add(new ClockRun(structs.Index, start, structs.State - start));
        }
    }

    private void WriteDeleteSet(ref WireWriter writer)
    {
        ScratchList<ClockRun> runs = default;
        CollectDeleteSet(ref runs);
        WriteRuns(ref writer, runs.Items);
    }

    /// <summary>Writes runs, which are grouped by client, with the clients descending.</summary>
    public void WriteRuns(ref WireWriter writer, ReadOnlySpan<ClockRun> runs)
    {
        if (runs.Length == 0)
        {
            writer.PutByte(0);
            return;
        }

        Span<int> few = stackalloc int[16];
        int groups = 0;
        for (int i = 0; i < runs.Length; i++)
        {
            if (i == 0 || runs[i].Client != runs[i - 1].Client)
                groups++;
        }

        int[]? rented = groups > few.Length ? ArrayPool<int>.Shared.Rent(groups) : null;
        Span<int> starts = (rented ?? few)[..groups];
        groups = 0;
        for (int i = 0; i < runs.Length; i++)
        {
            if (i == 0 || runs[i].Client != runs[i - 1].Client)
                starts[groups++] = i;
        }

        if (groups > 1)
            SortDescending(starts, runs);
        writer.PutVarUInt((ulong)groups);
        foreach (int start in starts)
        {
            int end = start;
            while (end < runs.Length && runs[end].Client == runs[start].Client)
                end++;
            writer.PutVarUInt(_clients[runs[start].Client].Id);
            writer.PutVarUInt((ulong)(end - start));
            foreach (ref readonly ClockRun run in runs[start..end])
            {
                writer.PutVarUInt((ulong)run.Clock);
                writer.PutVarUInt((ulong)run.Length);
            }
        }

        if (rented is not null)
            ArrayPool<int>.Shared.Return(rented);
    }

    private void SortDescending(Span<int> starts, ReadOnlySpan<ClockRun> runs)
    {
        ulong[] keys = new ulong[starts.Length];
        for (int i = 0; i < keys.Length; i++)
            keys[i] = ~_clients[runs[starts[i]].Client].Id;
        keys.AsSpan().Sort(starts);
    }

    public StateVector GetStateVector()
    {
        StateVector result = new();
        foreach (ClientStructs structs in _clients)
        {
            if (structs.State > 0)
                result[structs.Id] = (uint)structs.State;
        }

        return result;
    }
}
