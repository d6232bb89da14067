using System.Text.Json.Nodes;

namespace CoEdit.Crdt;

/// <summary>Values to System.Text.Json's nodes and back without recursion and in linear time, however deep they nest.</summary>
/// <remarks>
/// A node that is added to another one climbs up from there to see that it makes no circle; so a container is finished before it is added to the
/// one around it.
/// </remarks>
internal static class JsonNodes
{
    public static JsonNode? Write(in YValue value)
    {
        Stack<(YValue Container, int Next, JsonNode Node)> waiting = new();
        JsonNode? done = Open(value);
        if (value.Kind is YValueKind.Array or YValueKind.Object)
            waiting.Push((value, 0, done!));
        while (waiting.TryPop(out (YValue Container, int Next, JsonNode Node) at))
        {
            YObject? members = at.Container.Kind == YValueKind.Object ? at.Container.AsObject() : null;
            if (at.Next == (members?.Count ?? at.Container.AsArray().Count))
            {
                done = at.Node;
                if (waiting.TryPeek(out (YValue Container, int Next, JsonNode Node) outer))
                    Put(outer.Container, outer.Next - 1, outer.Node, done);
                continue;
            }

            YValue next = members?.At(at.Next).Value ?? at.Container.AsArray()[at.Next];
            waiting.Push(at with { Next = at.Next + 1 });
            if (next.Kind is YValueKind.Array or YValueKind.Object)
                waiting.Push((next, 0, Open(next)!));
            else if (members is null || !next.IsUndefined)
                Put(at.Container, at.Next, at.Node, Open(next));
        }

        return done;
    }

    public static YValue Read(JsonNode? node)
    {
        Stack<(IEnumerator<KeyValuePair<string, JsonNode?>> Members, List<YValue>? Array, YObject? Object)> open = new();
        JsonNode? current = node;
        while (true)
        {
            YValue value;
            if (current is JsonArray elements)
            {
                open.Push((elements.Select(element => KeyValuePair.Create("", element)).GetEnumerator(), [], null));
                value = default;
            }
            else if (current is JsonObject members)
            {
                open.Push((members.GetEnumerator(), null, []));
                value = default;
            }
            else
            {
                value = current is null ? YValue.Null : YValue.ParseJson(current.ToJsonString());
                if (open.Count == 0)
                    return value;
                Put(open.Peek(), value);
            }

            while (!open.Peek().Members.MoveNext())
            {
                (_, List<YValue>? array, YObject? named) = open.Pop();
                value = array is not null ? YValue.FromArray([.. array]) : YValue.FromObject(named!);
                if (open.Count == 0)
                    return value;
                Put(open.Peek(), value);
            }

            current = open.Peek().Members.Current.Value;
        }
    }

    private static void Put((IEnumerator<KeyValuePair<string, JsonNode?>> Members, List<YValue>? Array, YObject? Object) container, in YValue value)
    {
        if (container.Array is { } array)
            array.Add(value);
        else
            container.Object![container.Members.Current.Key] = value;
    }

    private static void Put(in YValue container, int index, JsonNode node, JsonNode? member)
    {
        if (node is JsonArray array)
            array.Add(member);
        else
            ((JsonObject)node)[container.AsObject().At(index).Key] = member;
    }

    // Scalars come from a text, as they do when a whole text is parsed: a number can then be read as any type it fits in.
    private static JsonNode? Open(in YValue value) => value.Kind switch
    {
        YValueKind.Array => new JsonArray(),
        YValueKind.Object => new JsonObject(),
        YValueKind.Undefined => null,
        _ => JsonNode.Parse(JsonCodec.ToText(value)),
    };
}
