namespace CoEdit.Crdt;

/// <summary>JavaScript's rules for cutting a part out of a list.</summary>
internal static class Slicing
{
    public static T[] Cut<T>(T[] values, int start, int? end)
    {
        int from = Resolve(start, values.Length);
        int to = Resolve(end ?? values.Length, values.Length);
        return from < to ? values[from..to] : [];
    }

    private static int Resolve(int index, int length) => index < 0 ? Math.Max(0, length + index) : Math.Min(index, length);
}
