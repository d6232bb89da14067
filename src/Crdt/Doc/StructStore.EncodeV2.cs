using System.Buffers;
using System.Buffers.Binary;

namespace CoEdit.Crdt;

/// <summary>Writing structs and delete sets as update v2. See <see cref="UpdateEncoderV2"/> for the columns.</summary>
internal sealed partial class StructStore
{
    [ThreadStatic]
    private static UpdateEncoderV2? s_encoder;

    public void EncodeStateV2(IBufferWriter<byte> target, StateVector? from)
    {
        ScratchList<ClockRun> runs = default;
        CollectDeleteSet(ref runs);
        EncodeV2(target, StartsFrom(from), runs.Items);
    }

    public void EncodeV2(IBufferWriter<byte> target, List<ClockPoint> starts, ReadOnlySpan<ClockRun> deletes)
    {
        UpdateEncoderV2 encoder = s_encoder ?? new UpdateEncoderV2();
        s_encoder = null;
        WriteStructs(encoder, starts);
        WriteDeletes(encoder.Rest, deletes);
        encoder.Finish(target);
        encoder.Clear();
        s_encoder = encoder;
    }

    private void WriteDeletes(ByteBuffer target, ReadOnlySpan<ClockRun> runs)
    {
        List<ClockRange> ranges = new(runs.Length);
        foreach (ref readonly ClockRun run in runs)
            ranges.Add(new ClockRange(_clients[run.Client].Id, (uint)run.Clock, (uint)run.End));
        DeleteSetCodec.Group(ranges);
        DeleteSetCodec.Write(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(ranges), UpdateFormat.V2, target);
    }

    private void WriteStructs(UpdateEncoderV2 encoder, List<ClockPoint> starts)
    {
        SortStarts(starts);
        encoder.Rest.WriteVarUInt((ulong)starts.Count);
        foreach (ClockPoint start in starts)
        {
            ClientStructs structs = _clients[start.Client];
            int position = structs.Find(start.Clock);
            encoder.Rest.WriteVarUInt((ulong)structs.CountFrom(position));
            encoder.WriteClient(structs.Id);
            encoder.Rest.WriteVarUInt((ulong)start.Clock);
            int offset = start.Clock - structs.ClockAt(position);
            for (; position >= 0; position = structs.Next(position))
            {
                WriteStruct(encoder, structs, ref Items[structs.HandleAt(position)], offset);
                offset = 0;
            }
        }
    }

    private void WriteStruct(UpdateEncoderV2 encoder, ClientStructs structs, ref Item item, int offset)
    {
        if (item.IsGc)
        {
            encoder.WriteInfo(0);
            encoder.WriteLength((uint)(item.Length - offset));
            return;
        }

        bool origin = offset > 0 || item.HasOrigin;
        encoder.WriteInfo((byte)((int)item.Kind
            | (origin ? StructInfo.HasOrigin : 0)
            | (item.HasRightOrigin ? StructInfo.HasRightOrigin : 0)
            | (item.IsKeyed ? StructInfo.HasParentSub : 0)));
        if (offset > 0)
            encoder.WriteLeftId(structs.Id, (uint)(item.Clock + offset - 1));
        else if (origin)
            encoder.WriteLeftId(_clients[item.OriginClient].Id, (uint)item.OriginClock);
        if (item.HasRightOrigin)
            encoder.WriteRightId(_clients[item.RightClient].Id, (uint)item.RightClock);
        else if (!origin)
            WriteParent(encoder, item);
        WriteContent(encoder, structs, item, offset);
    }

    private void WriteParent(UpdateEncoderV2 encoder, in Item item)
    {
        ref TypeNode parent = ref _types[item.Parent];
        encoder.WriteParentInfo(parent.Owner == None);
        if (parent.Owner == None)
        {
            encoder.WriteString(new WireText(Keys.Utf8(parent.Name)));
        }
        else
        {
            ref Item owner = ref Items[parent.Owner];
            encoder.WriteLeftId(_clients[owner.Client].Id, (uint)owner.Clock);
        }

        if (item.IsKeyed)
            encoder.WriteString(new WireText(Keys.Utf8(item.Aux)));
    }

    private void WriteContent(UpdateEncoderV2 encoder, ClientStructs structs, in Item item, int offset)
    {
        switch (item.Kind)
        {
            case StructKind.Deleted:
                encoder.WriteLength((uint)(item.Length - offset));
                break;
            case StructKind.String:
                WriteText(encoder, structs.Text, item.Content + offset, item.Length - offset);
                break;
            case StructKind.Any:
                ReadOnlySpan<byte> values = Arena.Get(item.Content);
                encoder.WriteLength((uint)(item.Length - offset));
                encoder.Rest.Append(offset == 0 ? values : values[Arena.OffsetOf(item.Kind, item.Content, offset)..]);
                break;
            case StructKind.Json:
                encoder.WriteLength((uint)(item.Length - offset));
                Lib0Reader elements = new(Arena.Get(item.Content));
                for (int i = 0; i < item.Length; i++)
                {
                    ReadOnlySpan<byte> element = elements.ReadVarBytes();
                    if (i >= offset)
                        encoder.WriteString(new WireText(element));
                }

                break;
            case StructKind.Binary:
                encoder.Rest.WriteVarBytes(Arena.Get(item.Content));
                break;
            case StructKind.Embed:
                WriteEncoded(encoder, Arena.Get(item.Content));
                break;
            case StructKind.Format:
                ReadOnlySpan<byte> format = Arena.Get(item.Content);
                encoder.WriteKey(new WireText(Keys.Utf8(BinaryPrimitives.ReadInt32LittleEndian(format))));
                WriteEncoded(encoder, format[(FormatHeader - 1)..]);
                break;
            case StructKind.Type:
                ref TypeNode type = ref _types[item.Content];
                encoder.WriteTypeRef((byte)type.Ref);
                if (type.Ref is YType.XmlElementRef or YType.XmlHookRef)
                    encoder.WriteKey(new WireText(Keys.Utf8(type.Name)));
                break;
            default:
                Lib0Reader document = new(Arena.Get(item.Content));
                encoder.WriteString(new WireText(document.ReadVarBytes()));
                encoder.Rest.Append(Arena.Get(item.Content)[document.Position..]);
                break;
        }
    }

    private static void WriteEncoded(UpdateEncoderV2 encoder, ReadOnlySpan<byte> encoded)
    {
        if (encoded[0] == EncodedAsJson)
            encoder.WriteJsonText(encoded[1..]);
        else
            encoder.Rest.Append(encoded[1..]);
    }

    private static void WriteText(UpdateEncoderV2 encoder, TextBuffer text, int position, int length)
    {
        if (text.TryGetAscii(position, length, out ReadOnlySpan<byte> ascii))
        {
            encoder.WriteString(new WireText(ascii), length);
            return;
        }

        char[] chars = ArrayPool<char>.Shared.Rent(length);
        text.CopyTo(position, chars.AsSpan(0, length));
        encoder.WriteString(chars.AsSpan(0, length));
        ArrayPool<char>.Shared.Return(chars);
    }
}
