using System.Globalization;
using System.Text;
using CoEdit.Crdt;

namespace CoEdit.Bench;

/// <summary>JSON exactly as JavaScript's <c>JSON.stringify</c> writes it, so that the programs can compare hashes of it.</summary>
internal static class JavaScriptJson
{
    /// <summary>A value; the members of its objects in the order of their names where the program compares states.</summary>
    public static string Write(YValue value)
    {
        var target = new StringBuilder();
        Append(target, value, sorted: true);
        return target.ToString();
    }

    public static void Append(StringBuilder target, string text)
    {
        target.Append('"');
        for (int i = 0; i < text.Length; i++)
        {
            char unit = text[i];
            switch (unit)
            {
                case '"' or '\\':
                    target.Append('\\').Append(unit);
                    break;
                case '\b':
                    target.Append("\\b");
                    break;
                case '\f':
                    target.Append("\\f");
                    break;
                case '\n':
                    target.Append("\\n");
                    break;
                case '\r':
                    target.Append("\\r");
                    break;
                case '\t':
                    target.Append("\\t");
                    break;
                case < ' ':
                    AppendEscape(target, unit);
                    break;
                default:
                    if (char.IsSurrogatePair(text, i))
                        target.Append(unit).Append(text[++i]);
                    else if (char.IsSurrogate(unit))
                        AppendEscape(target, unit);
                    else
                        target.Append(unit);
                    break;
            }
        }

        target.Append('"');
    }

    public static void Append(StringBuilder target, Operation operation)
    {
        switch (operation.Kind)
        {
            case OperationKind.InsertText:
                target.Append(CultureInfo.InvariantCulture, $"[\"i\",{operation.Position},");
                Append(target, operation.Text);
                break;
            case OperationKind.DeleteText:
                target.Append(CultureInfo.InvariantCulture, $"[\"d\",{operation.Position},{operation.Length}");
                break;
            case OperationKind.InsertArray:
                target.Append(CultureInfo.InvariantCulture, $"[\"a\",{operation.Position},");
                Append(target, YValue.FromArray(operation.Values), sorted: false);
                break;
            default:
                target.Append("[\"m\",");
                Append(target, operation.Text);
                target.Append(',');
                Append(target, operation.Values[0], sorted: false);
                break;
        }

        target.Append(']');
    }

    /// <remarks>Goes as deep as the value is nested. The values here are those of the workloads, of depth 2 at most.</remarks>
    private static void Append(StringBuilder target, YValue value, bool sorted)
    {
        switch (value.Kind)
        {
            case YValueKind.Number:
                // Whole numbers below 2^31 are all that the workloads hold; both languages write them alike.
                target.Append(CultureInfo.InvariantCulture, $"{checked((int)value.AsDouble())}");
                break;
            case YValueKind.String:
                Append(target, value.AsString());
                break;
            case YValueKind.Array:
                char before = '[';
                foreach (YValue element in value.AsArray())
                {
                    target.Append(before);
                    Append(target, element, sorted);
                    before = ',';
                }

                target.Append(before == '[' ? "[]" : "]");
                break;
            case YValueKind.Object:
                IEnumerable<KeyValuePair<string, YValue>> members = value.AsObject();
                before = '{';
                foreach ((string name, YValue member) in sorted ? members.OrderBy(m => m.Key, StringComparer.Ordinal) : members)
                {
                    target.Append(before);
                    Append(target, name);
                    target.Append(':');
                    Append(target, member, sorted);
                    before = ',';
                }

                target.Append(before == '{' ? "{}" : "}");
                break;
            default:
                throw new WrongResultException($"a {value.Kind} is in the document, although no workload writes one");
        }
    }

    private static void AppendEscape(StringBuilder target, char unit) => target.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
}
