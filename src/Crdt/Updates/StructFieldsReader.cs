namespace CoEdit.Crdt;

/// <summary>Reads and validates one struct of an update in either format.</summary>
/// <remarks>Refuses what <see cref="StructReader"/> refuses, for the same reasons.</remarks>
internal static class StructFieldsReader
{
    /// <summary>Fills everything in <paramref name="fields"/> but its id.</summary>
    public static void Read<TDecoder>(ref TDecoder decoder, ref StructFields fields)
        where TDecoder : IUpdateDecoder, allows ref struct
    {
        byte info = decoder.ReadInfo();
        fields.Kind = (StructKind)(info & StructInfo.KindMask);
        if (fields.IsItem)
        {
            ReadReferences(ref decoder, ref fields, info);
            ReadContent(ref decoder, ref fields);
        }
        else
        {
            if (info != (byte)fields.Kind)
                throw new MalformedUpdateException("A GC or Skip struct has flags.");
            fields.Length = fields.Kind == StructKind.Gc ? decoder.ReadLength() : decoder.Rest.ReadVarUInt31();
        }

        if (fields.Length == 0)
            throw new MalformedUpdateException("A struct has no length.");
    }

    private static void ReadReferences<TDecoder>(ref TDecoder decoder, ref StructFields fields, byte info)
        where TDecoder : IUpdateDecoder, allows ref struct
    {
        fields.HasOrigin = (info & StructInfo.HasOrigin) != 0;
        fields.HasRightOrigin = (info & StructInfo.HasRightOrigin) != 0;
        fields.Parent = ParentForm.None;
        fields.HasParentSub = false;
        if (fields.HasOrigin)
            decoder.ReadLeftId(out fields.OriginClient, out fields.OriginClock);
        if (fields.HasRightOrigin)
            decoder.ReadRightId(out fields.RightClient, out fields.RightClock);
        if ((info & StructInfo.HasAnyOrigin) != 0)
            return;
        if (decoder.ReadParentInfo())
        {
            fields.Parent = ParentForm.Root;
            fields.Root = decoder.ReadString(out _);
        }
        else
        {
            fields.Parent = ParentForm.Item;
            decoder.ReadLeftId(out fields.ParentClient, out fields.ParentClock);
        }

        if ((info & StructInfo.HasParentSub) != 0)
        {
            fields.HasParentSub = true;
            fields.ParentSub = decoder.ReadString(out _);
        }
    }

    private static void ReadContent<TDecoder>(ref TDecoder decoder, ref StructFields fields)
        where TDecoder : IUpdateDecoder, allows ref struct
    {
        fields.Length = 1;
        switch (fields.Kind)
        {
            case StructKind.String:
                fields.Text = decoder.ReadString(out int units);
                fields.Length = (uint)units;
                break;
            case StructKind.Deleted:
                fields.Length = decoder.ReadLength();
                break;
            case StructKind.Json:
                fields.Length = decoder.ReadLength();
                decoder.ReadJsonElements(fields.Length, ref fields);
                break;
            case StructKind.Binary:
                int length = decoder.Rest.ReadVarBytes().Length;
                fields.ValueEnd = decoder.Rest.Position;
                fields.ValueStart = fields.ValueEnd - length;
                break;
            case StructKind.Embed:
                decoder.ReadJson(ref fields);
                break;
            case StructKind.Format:
                fields.Text = decoder.ReadKey();
                decoder.ReadJson(ref fields);
                break;
            case StructKind.Type:
                fields.TypeRef = decoder.ReadTypeRef();
                if (fields.HasTypeName)
                    fields.Text = decoder.ReadKey();
                break;
            case StructKind.Any:
                fields.Length = decoder.ReadLength();
                if (fields.Length > (uint)decoder.Rest.Remaining)
                    throw new MalformedUpdateException("A struct announces more values than its bytes can hold.");
                ReadAny(ref decoder, ref fields, fields.Length);
                break;
            case StructKind.Doc:
                fields.Text = decoder.ReadString(out _);
                if (decoder.Rest.IsAtEnd || decoder.Rest.PeekByte() != AnyTag.Object)
                    throw new MalformedUpdateException("The options of a subdocument are not an object.");
                ReadAny(ref decoder, ref fields, 1);
                break;
            default:
                throw new MalformedUpdateException("A struct has an unknown kind.");
        }
    }

    private static void ReadAny<TDecoder>(ref TDecoder decoder, ref StructFields fields, uint count)
        where TDecoder : IUpdateDecoder, allows ref struct
    {
        fields.ValueStart = decoder.Rest.Position;
        AnyValue.Skip(ref decoder.Rest, count);
        fields.ValueEnd = decoder.Rest.Position;
    }
}
