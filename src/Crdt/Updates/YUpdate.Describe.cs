using System.Globalization;
using System.Text;

namespace CoEdit.Crdt;

public static partial class YUpdate
{
    /// <summary>Lists what is in an update v1, a line for each struct and each deleted range. For people; the format may change.</summary>
    /// <exception cref="MalformedUpdateException">It is not an update v1.</exception>
    public static string Describe(ReadOnlySpan<byte> update) => Describe(update, UpdateFormat.V1, null);

    /// <summary>Lists what is in an update v2, a line for each struct and each deleted range. For people; the format may change.</summary>
    /// <exception cref="MalformedUpdateException">It is not an update v2, or it breaks a limit.</exception>
    public static string DescribeV2(ReadOnlySpan<byte> update, UpdateReadOptions? options = null) => Describe(update, UpdateFormat.V2, options);

    private static string Describe(ReadOnlySpan<byte> update, UpdateFormat format, UpdateReadOptions? options)
    {
        UpdateCursor cursor = UpdateCursor.Open(update, format, options ?? UpdateReadOptions.Default);
        StringBuilder text = new();
        while (cursor.MoveNext(update))
            DescribeStruct(text, update, cursor.Current);
        List<ClockRange> deletes = [];
        cursor.ReadDeleteSet(update, deletes);
        foreach (ClockRange range in deletes)
            text.Append(CultureInfo.InvariantCulture, $"delete {range.Client}:{range.Start}-{range.End}\n");
        return text.ToString();
    }

    private static void DescribeStruct(StringBuilder text, ReadOnlySpan<byte> update, in StructFields fields)
    {
        text.Append(CultureInfo.InvariantCulture, $"{fields.Client}:{fields.Clock}-{fields.End} {fields.Kind}");
        if (fields.IsItem)
        {
            if (fields.HasOrigin)
                text.Append(CultureInfo.InvariantCulture, $" after {fields.OriginClient}:{fields.OriginClock}");
            if (fields.HasRightOrigin)
                text.Append(CultureInfo.InvariantCulture, $" before {fields.RightClient}:{fields.RightClock}");
            if (fields.Parent == ParentForm.Root)
                Quote(text.Append(" in root "), fields.Root.In(update));
            else if (fields.Parent == ParentForm.Item)
                text.Append(CultureInfo.InvariantCulture, $" in {fields.ParentClient}:{fields.ParentClock}");
            if (fields.HasParentSub)
                Quote(text.Append(" key "), fields.ParentSub.In(update));
            if (fields.Kind is StructKind.String or StructKind.Format or StructKind.Doc || fields.HasTypeName)
                Quote(text.Append(' '), fields.Text.In(update));
            if (fields.Kind == StructKind.Type)
                text.Append(" type ").Append(TypeNames[fields.TypeRef]);
            if (fields.Kind is StructKind.Binary)
                text.Append(CultureInfo.InvariantCulture, $" of {fields.ValueEnd - fields.ValueStart} bytes");
            if (fields.Kind is StructKind.Embed or StructKind.Format)
                text.Append(' ').Append(DescribeValue(update[fields.ValueStart..fields.ValueEnd], fields.ValueIsJson));
        }

        text.Append('\n');
    }

    private static readonly string[] TypeNames = ["Array", "Map", "Text", "XmlElement", "XmlFragment", "XmlHook", "XmlText"];

    private static string DescribeValue(ReadOnlySpan<byte> value, bool isJson) =>
        isJson ? Encoding.UTF8.GetString(value) : "lib0 " + System.Convert.ToHexStringLower(value);

    private static void Quote(StringBuilder text, WireText name)
    {
        ByteBuffer quoted = new();
        AnyWriter.WriteJsonString(name.Utf8, quoted);
        text.Append(Encoding.UTF8.GetString(quoted.Written));
    }
}
