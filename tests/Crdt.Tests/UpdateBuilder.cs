using System.Buffers;

namespace CoEdit.Crdt.Tests;

/// <summary>Writes updates by hand, legal or not: one client section after another, then the delete set.</summary>
internal sealed class UpdateBuilder
{
    private readonly List<(ulong Client, ulong Clock, List<byte[]> Structs)> _sections = [];
    private readonly List<(ulong Client, ulong Clock, ulong Length)> _deletes = [];

    public UpdateBuilder Section(ulong client, ulong clock)
    {
        _sections.Add((client, clock, []));
        return this;
    }

    public UpdateBuilder Raw(params byte[] bytes)
    {
        _sections[^1].Structs.Add(bytes);
        return this;
    }

    public UpdateBuilder Item(
        StructKind kind, byte[] content, Id? origin = null, Id? right = null, string? root = "t", Id? parent = null, string? key = null)
    {
        ArrayBufferWriter<byte> writer = new();
        bool free = origin is null && right is null;
        int info = (int)kind | (origin is null ? 0 : 0x80) | (right is null ? 0 : 0x40) | (key is null ? 0 : 0x20);
        writer.WriteByte((byte)info);
        if (origin is { } o)
            WriteId(writer, o);
        if (right is { } r)
            WriteId(writer, r);
        if (free && parent is { } p)
        {
            writer.WriteVarUInt(0);
            WriteId(writer, p);
        }
        else if (free)
        {
            writer.WriteVarUInt(1);
            writer.WriteVarString(root);
        }

        if (free && key is not null)
            writer.WriteVarString(key);
        writer.WriteRaw(content);
        return Raw(writer.WrittenSpan.ToArray());
    }

    public UpdateBuilder Text(string text, Id? origin = null, Id? right = null, string root = "t", Id? parent = null) =>
        Item(StructKind.String, Content(w => w.WriteVarString(text)), origin, right, root, parent);

    public UpdateBuilder Deleted(ulong length, Id? origin = null, Id? right = null) =>
        Item(StructKind.Deleted, Content(w => w.WriteVarUInt(length)), origin, right);

    public UpdateBuilder Gc(ulong length) => Raw(Content(w => { w.WriteByte(0); w.WriteVarUInt(length); }));

    public UpdateBuilder Skip(ulong length) => Raw(Content(w => { w.WriteByte(10); w.WriteVarUInt(length); }));

    public UpdateBuilder Delete(ulong client, ulong clock, ulong length)
    {
        _deletes.Add((client, clock, length));
        return this;
    }

    public byte[] Build() => Content(writer =>
    {
        writer.WriteVarUInt((ulong)_sections.Count);
        foreach ((ulong client, ulong clock, List<byte[]> structs) in _sections)
        {
            writer.WriteVarUInt((ulong)structs.Count);
            writer.WriteVarUInt(client);
            writer.WriteVarUInt(clock);
            foreach (byte[] bytes in structs)
                writer.WriteRaw(bytes);
        }

        var clients = _deletes.GroupBy(range => range.Client).ToList();
        writer.WriteVarUInt((ulong)clients.Count);
        foreach (var ranges in clients)
        {
            writer.WriteVarUInt(ranges.Key);
            writer.WriteVarUInt((ulong)ranges.Count());
            foreach (var range in ranges)
            {
                writer.WriteVarUInt(range.Clock);
                writer.WriteVarUInt(range.Length);
            }
        }
    });

    public static byte[] Content(Action<ArrayBufferWriter<byte>> write)
    {
        ArrayBufferWriter<byte> writer = new();
        write(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static void WriteId(ArrayBufferWriter<byte> writer, Id id)
    {
        writer.WriteVarUInt(id.Client);
        writer.WriteVarUInt(id.Clock);
    }
}
