namespace CoEdit.Crdt;

/// <summary>Copies shared types into preliminary ones, without recursion.</summary>
internal static class TypeCloner
{
    public static YType Clone(YType source)
    {
        Stack<(YType Source, YType Copy)> waiting = new();
        YType clone = Shell(source, waiting);
        while (waiting.TryPop(out (YType Source, YType Copy) next))
            Fill(next.Source, next.Copy, waiting);
        return clone;
    }

    // An empty copy, which is filled when its turn comes: a preliminary type may get its content at any time.
    private static YType Shell(YType source, Stack<(YType Source, YType Copy)> waiting)
    {
        if (source.Doc is null || source.Handle == StructStore.None)
            throw new InvalidOperationException("Only a type that is part of a document can be copied.");
        YType copy = YType.Create(source.TypeRef, source.NodeNameOrNull);
        waiting.Push((source, copy));
        return copy;
    }

    private static void Fill(YType source, YType copy, Stack<(YType Source, YType Copy)> waiting)
    {
        switch (copy)
        {
            case YText text:
                text.ApplyDelta([.. ((YText)source).ToDelta().Select(op => op with { Insert = Copy(op.Insert, waiting) })]);
                break;
            case YArray array:
                foreach (YValue value in (YArray)source)
                    array.Push(Copy(value, waiting));
                break;
            case YMap map:
                foreach ((string key, YValue value) in (YMap)source)
                    map.Set(key, Copy(value, waiting));
                break;
            case YXmlFragment fragment:
                foreach (YType child in (YXmlFragment)source)
                    fragment.Push(Shell(child, waiting));
                if (source is YXmlElement element)
                {
                    foreach ((string name, YValue value) in element.GetAttributes())
                        ((YXmlElement)copy).SetAttribute(name, Copy(value, waiting));
                }

                break;
        }
    }

    private static YValue Copy(in YValue value, Stack<(YType Source, YType Copy)> waiting) => value.Kind switch
    {
        YValueKind.Type => Shell(value.AsType(), waiting),
        YValueKind.Document => YDoc.FromWire(value.AsDocument().ToWire()),
        _ => value,
    };
}
