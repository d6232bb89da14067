using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace CoEdit.Crdt;

/// <summary>The parts of a struct in update v1 that are not its header.</summary>
internal sealed partial class StructStore
{
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

    // Neither text nor a deleted run.
    private void WriteContent(ref WireWriter writer, in Item item, int offset)
    {
        switch (item.Kind)
        {
            case StructKind.Any or StructKind.Json:
                ReadOnlySpan<byte> values = Arena.Get(item.Content);
                writer.PutVarUInt((ulong)(item.Length - offset));
                writer.PutBytes(offset == 0 ? values : values[Arena.OffsetOf(item.Kind, item.Content, offset)..]);
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

    // Not plain ASCII in one piece.
    private static void WriteText(ref WireWriter writer, TextBuffer text, int position, int length)
    {
        if (text.TryGetChars(position, length, out ReadOnlySpan<char> piece))
        {
            writer.PutVarString(piece);
            return;
        }

        char[] chars = ArrayPool<char>.Shared.Rent(length);
        text.CopyTo(position, chars.AsSpan(0, length));
        writer.PutVarString(chars.AsSpan(0, length));
        ArrayPool<char>.Shared.Return(chars);
    }
}
