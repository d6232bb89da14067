using System.Buffers;

namespace CoEdit.Crdt;

/// <summary>Takes the fields of an update's structs call by call; the two formats derive from it.</summary>
/// <remarks>
/// The order of the calls for one struct is: info, left id, right id, parent info, root name or left id, parent sub, content. The number
/// of sections, the counts, start clocks, Skip lengths, lib0 values, bytes and the delete set go to <see cref="Rest"/>.
/// One instance serves one thread and any number of updates; its buffers are reused (<see cref="Clear"/>).
/// </remarks>
internal abstract class UpdateEncoder
{
    /// <summary>What is not in a column. In v1 that is everything.</summary>
    public ByteBuffer Rest { get; } = new();

    protected JsonValues Values { get; } = new();

    public abstract void WriteClient(ulong client);

    public abstract void WriteInfo(byte info);

    /// <summary>Writes the id of an origin or of a parent item.</summary>
    public abstract void WriteLeftId(ulong client, uint clock);

    public abstract void WriteRightId(ulong client, uint clock);

    /// <summary>Writes whether a name of a root type follows (true) or the id of an item (false).</summary>
    public abstract void WriteParentInfo(bool isRoot);

    /// <summary>Writes a root name, map key, text or guid.</summary>
    /// <param name="text">The string.</param>
    /// <param name="units">Its length in UTF-16 units.</param>
    public abstract void WriteString(WireText text, int units);

    /// <summary>Writes a root name, map key, text or guid.</summary>
    public void WriteString(WireText text) => WriteString(text, text.CountUnits());

    /// <summary>Writes a root name, map key, text or guid. Lone surrogates become U+FFFD, unless v2 finds their other half.</summary>
    public abstract void WriteString(ReadOnlySpan<char> text);

    /// <summary>Writes a formatting key or the name of an XML element or hook.</summary>
    public abstract void WriteKey(WireText text);

    public abstract void WriteTypeRef(byte typeRef);

    /// <summary>Writes the length of a GC or Deleted struct, or the number of elements of an Any or JSON struct.</summary>
    public abstract void WriteLength(uint length);

    /// <summary>Writes the value of an embed or a format that is at hand as JSON text.</summary>
    /// <exception cref="MalformedUpdateException">The text is not JSON.</exception>
    public abstract void WriteJsonText(ReadOnlySpan<byte> json);

    /// <summary>Writes the value of an embed or a format that is at hand as a lib0 value.</summary>
    /// <exception cref="MalformedUpdateException">It is no lib0 value, or it contains something that JSON text cannot carry (v1).</exception>
    public abstract void WriteJsonAny(ReadOnlySpan<byte> any);

    /// <summary>Writes a lib0 value, in the form that Yjs gives it.</summary>
    public void WriteAny(ref Lib0Reader any) => Values.CopyAny(ref any, Rest);

    /// <summary>Writes the options of a subdocument, in the form that Yjs gives them.</summary>
    public void WriteDocOptions(ReadOnlySpan<byte> any) => Values.CopyDocOptions(any, Rest);

    /// <summary>Writes one element of the legacy JSON content.</summary>
    /// <exception cref="MalformedUpdateException">It is neither JSON nor the word <c>undefined</c>.</exception>
    public void WriteJsonElement(ReadOnlySpan<byte> element) => WriteString(new WireText(Values.NormalizeElement(element)));

    /// <summary>Writes the columns of an update, without the rest. Call it once, then <see cref="Clear"/>.</summary>
    public abstract void FinishColumns(IBufferWriter<byte> target);

    /// <summary>Writes the update. Call it once, then <see cref="Clear"/>.</summary>
    public void Finish(IBufferWriter<byte> target)
    {
        FinishColumns(target);
        target.WriteRaw(Rest.Written);
    }

    /// <summary>Forgets everything, for the next update.</summary>
    public virtual void Clear() => Rest.Clear();
}
