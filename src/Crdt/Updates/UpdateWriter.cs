using System.Buffers;

namespace CoEdit.Crdt;

/// <summary>Writes structs that come in any number of sections into one update.</summary>
/// <remarks>
/// A section begins where the client changes. How many there are and how long they are is known only at the end, so the bytes between are
/// kept and the counts put in front of them then.
/// </remarks>
internal sealed class UpdateWriter
{
    private readonly UpdateFormat _format;
    private readonly UpdateEncoder _encoder;
    private ScratchList<Section> _sections;

    public UpdateWriter(UpdateFormat format)
    {
        _format = format;
        _encoder = format == UpdateFormat.V1 ? new UpdateEncoderV1() : new UpdateEncoderV2();
    }

    private struct Section
    {
        public ulong Client;
        public int Start;
        public ulong Count;
    }

    /// <summary>Writes a struct, or what is left of it behind its first units.</summary>
    /// <param name="source">The update in which it was read.</param>
    /// <param name="fields">The struct.</param>
    /// <param name="offset">Units to leave out; only content that can be cut has more than one.</param>
    /// <param name="healed">How to cut a surrogate pair, see <see cref="WireText.From"/>.</param>
    public void Write(ReadOnlySpan<byte> source, in StructFields fields, uint offset, bool healed)
    {
        Begin(fields.Client, fields.Clock + offset);
        if (!fields.IsItem)
        {
            WriteFiller(fields.Kind, fields.Length - offset);
            return;
        }

        WriteReferences(source, fields, offset);
        WriteContent(source, fields, offset, healed);
    }

    /// <summary>Writes a GC or a Skip struct.</summary>
    public void WriteFiller(StructKind kind, ulong client, uint clock, uint length)
    {
        Begin(client, clock);
        WriteFiller(kind, length);
    }

    /// <summary>Puts the parts together.</summary>
    /// <param name="deletes">The delete set: grouped by client, clients descending; in v2 ascending ranges that are not empty.</param>
    /// <param name="target">Receives the update.</param>
    public void Finish(ReadOnlySpan<ClockRange> deletes, IBufferWriter<byte> target)
    {
        ReadOnlySpan<byte> bodies = _encoder.Rest.Written;
        ReadOnlySpan<Section> sections = _sections.Items;
        _encoder.FinishColumns(target);
        target.WriteVarUInt((ulong)sections.Length);
        for (int i = 0; i < sections.Length; i++)
        {
            int end = i + 1 < sections.Length ? sections[i + 1].Start : bodies.Length;
            target.WriteVarUInt(sections[i].Count);
            target.WriteRaw(bodies[sections[i].Start..end]);
        }

        ByteBuffer deleteSet = new();
        DeleteSetCodec.Write(deletes, _format, deleteSet);
        target.WriteRaw(deleteSet.Written);
    }

    private void Begin(ulong client, uint clock)
    {
        if (_sections.Count == 0 || _sections.Last.Client != client)
        {
            _sections.Add(new Section { Client = client, Start = _encoder.Rest.Length });
            _encoder.WriteClient(client);
            _encoder.Rest.WriteVarUInt(clock);
        }

        _sections.Last.Count++;
    }

    private void WriteFiller(StructKind kind, uint length)
    {
        _encoder.WriteInfo((byte)kind);
        if (kind == StructKind.Gc)
            _encoder.WriteLength(length);
        else
            _encoder.Rest.WriteVarUInt(length);
    }

    private void WriteReferences(ReadOnlySpan<byte> source, in StructFields fields, uint offset)
    {
        bool hasOrigin = fields.HasOrigin || offset > 0;
        _encoder.WriteInfo((byte)((int)fields.Kind
            | (hasOrigin ? StructInfo.HasOrigin : 0)
            | (fields.HasRightOrigin ? StructInfo.HasRightOrigin : 0)
            | (fields.HasParentSub ? StructInfo.HasParentSub : 0)));
        if (offset > 0)
            _encoder.WriteLeftId(fields.Client, fields.Clock + offset - 1);
        else if (hasOrigin)
            _encoder.WriteLeftId(fields.OriginClient, fields.OriginClock);
        if (fields.HasRightOrigin)
            _encoder.WriteRightId(fields.RightClient, fields.RightClock);
        if (hasOrigin || fields.HasRightOrigin)
            return;
        _encoder.WriteParentInfo(fields.Parent == ParentForm.Root);
        if (fields.Parent == ParentForm.Root)
            _encoder.WriteString(fields.Root.In(source));
        else
            _encoder.WriteLeftId(fields.ParentClient, fields.ParentClock);
        if (fields.HasParentSub)
            _encoder.WriteString(fields.ParentSub.In(source));
    }

    private void WriteContent(ReadOnlySpan<byte> source, in StructFields fields, uint offset, bool healed)
    {
        ReadOnlySpan<byte> value = source[fields.ValueStart..fields.ValueEnd];
        switch (fields.Kind)
        {
            case StructKind.String:
                _encoder.WriteString(fields.Text.In(source).From((int)offset, healed), (int)(fields.Length - offset));
                break;
            case StructKind.Deleted:
                _encoder.WriteLength(fields.Length - offset);
                break;
            case StructKind.Json:
                WriteJsonElements(source, fields, offset);
                break;
            case StructKind.Binary:
                _encoder.Rest.WriteVarBytes(value);
                break;
            case StructKind.Embed:
                WriteJson(value, fields.ValueIsJson);
                break;
            case StructKind.Format:
                _encoder.WriteKey(fields.Text.In(source));
                WriteJson(value, fields.ValueIsJson);
                break;
            case StructKind.Type:
                _encoder.WriteTypeRef(fields.TypeRef);
                if (fields.HasTypeName)
                    _encoder.WriteKey(fields.Text.In(source));
                break;
            case StructKind.Any:
                _encoder.WriteLength(fields.Length - offset);
                Lib0Reader values = new(value);
                AnyValue.Skip(ref values, offset);
                while (!values.IsAtEnd)
                    _encoder.WriteAny(ref values);
                break;
            case StructKind.Doc:
                _encoder.WriteString(fields.Text.In(source));
                _encoder.WriteDocOptions(value);
                break;
            default:
                throw new InvalidOperationException("A struct that was never read is to be written.");
        }
    }

    private void WriteJson(ReadOnlySpan<byte> value, bool isJson)
    {
        if (isJson)
            _encoder.WriteJsonText(value);
        else
            _encoder.WriteJsonAny(value);
    }

    private void WriteJsonElements(ReadOnlySpan<byte> source, in StructFields fields, uint offset)
    {
        _encoder.WriteLength(fields.Length - offset);
        if (fields.JsonInColumn)
        {
            StringColumnDecoder strings = fields.JsonStrings;
            for (uint i = 0; i < fields.Length; i++)
            {
                ReadOnlySpan<byte> element = strings.Read(source, out _).In(source).Utf8;
                if (i >= offset)
                    _encoder.WriteJsonElement(element);
            }

            return;
        }

        Lib0Reader reader = new(source[fields.ValueStart..fields.ValueEnd]);
        for (uint i = 0; i < fields.Length; i++)
        {
            ReadOnlySpan<byte> element = reader.ReadVarBytes();
            if (i >= offset)
                _encoder.WriteJsonElement(element);
        }
    }
}
