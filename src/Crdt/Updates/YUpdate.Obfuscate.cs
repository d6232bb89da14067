namespace CoEdit.Crdt;

public static partial class YUpdate
{
    /// <summary>
    /// Replaces text, values, keys and names of an update v1 by numbers and keeps its structure, so that a document with a problem can be
    /// handed on. Clients, clocks, lengths, names of root types and the way people typed remain visible.
    /// </summary>
    /// <param name="update">An update v1.</param>
    /// <param name="options">What to replace; everything by default.</param>
    /// <exception cref="MalformedUpdateException">It is not an update v1.</exception>
    public static byte[] ObfuscateUpdate(ReadOnlySpan<byte> update, ObfuscateOptions? options = null) =>
        Obfuscate(update, options, UpdateFormat.V1, null);

    /// <summary>Does to an update v2 what <see cref="ObfuscateUpdate"/> does to one of v1.</summary>
    /// <param name="update">An update v2.</param>
    /// <param name="options">What to replace; everything by default.</param>
    /// <param name="limits">Limits for the update.</param>
    /// <exception cref="MalformedUpdateException">It is not an update v2, or it breaks a limit.</exception>
    public static byte[] ObfuscateUpdateV2(ReadOnlySpan<byte> update, ObfuscateOptions? options = null, UpdateReadOptions? limits = null) =>
        Obfuscate(update, options, UpdateFormat.V2, limits);

    private static byte[] Obfuscate(ReadOnlySpan<byte> update, ObfuscateOptions? options, UpdateFormat format, UpdateReadOptions? limits)
    {
        options ??= ObfuscateOptions.Default;
        return ToArray(Rewrite(update, format, format, limits, (source, ref cursor, writer) =>
        {
            Obfuscator obfuscator = new(options);
            while (cursor.MoveNext(source))
            {
                StructFields fields = cursor.Current;
                writer.Write(obfuscator.Apply(source, ref fields), fields, 0, healed: false);
            }
        }));
    }
}
