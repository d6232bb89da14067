using System.Globalization;
using System.Text;

namespace CoEdit.Crdt;

/// <summary>What JavaScript makes of a value where it wants a string.</summary>
internal static class JsText
{
    public static string ToString(in YValue value)
    {
        switch (value.Kind)
        {
            case YValueKind.String:
                return value.AsString();
            case YValueKind.Number:
                return JsonCodec.Number(value.AsDouble());
            case YValueKind.Boolean:
                return value.AsBoolean() ? "true" : "false";
            case YValueKind.Null:
                return "null";
            case YValueKind.Undefined:
                return "undefined";
            case YValueKind.BigInt:
                return value.AsInt64().ToString(CultureInfo.InvariantCulture);
            case YValueKind.Binary:
                return string.Join(',', value.AsBinary());
            case YValueKind.Array:
                return Join(value);
            default:
                return "[object Object]";
        }
    }

    /// <summary>What a <c>for … in</c> loop sees, sorted by name.</summary>
    public static List<KeyValuePair<string, YValue>> Members(in YValue value)
    {
        List<KeyValuePair<string, YValue>> members = [];
        if (value.Kind == YValueKind.Object)
        {
            members.AddRange(value.AsObject());
        }
        else if (value.Kind == YValueKind.Array)
        {
            foreach (YValue element in value.AsArray())
                members.Add(new(members.Count.ToString(CultureInfo.InvariantCulture), element));
        }
        else if (value.Kind == YValueKind.String)
        {
            foreach (char unit in value.AsString())
                members.Add(new(members.Count.ToString(CultureInfo.InvariantCulture), unit.ToString()));
        }

        members.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
        return members;
    }

    // An array is its elements with commas between them, at every depth alike; null and undefined are empty.
    private static string Join(in YValue array)
    {
        StringBuilder text = new();
        Stack<(IReadOnlyList<YValue> Values, int Next)> waiting = new();
        waiting.Push((array.AsArray(), 0));
        while (waiting.TryPop(out (IReadOnlyList<YValue> Values, int Next) frame))
        {
            if (frame.Next == frame.Values.Count)
                continue;
            if (frame.Next > 0)
                text.Append(',');
            waiting.Push((frame.Values, frame.Next + 1));
            YValue value = frame.Values[frame.Next];
            if (value.Kind == YValueKind.Array)
                waiting.Push((value.AsArray(), 0));
            else if (!value.IsNull && !value.IsUndefined)
                text.Append(ToString(value));
        }

        return text.ToString();
    }
}
