using System.Diagnostics.CodeAnalysis;

namespace CoEdit.Crdt;

/// <summary>The fields of an update's structs in the order in which both formats carry them.</summary>
/// <remarks>Implemented by two ref structs and used as a type parameter only, so that the calls cost nothing.</remarks>
internal interface IUpdateDecoder
{
    /// <summary>What is not in a column: counts, start clocks, Skip lengths, values. Offsets are those of the update.</summary>
    [UnscopedRef]
    ref Lib0Reader Rest { get; }

    ulong ReadClient();

    byte ReadInfo();

    /// <summary>Reads the id of an origin or of a parent item.</summary>
    void ReadLeftId(out ulong client, out uint clock);

    void ReadRightId(out ulong client, out uint clock);

    /// <summary>Reads whether a name of a root type follows (true) or the id of an item (false).</summary>
    bool ReadParentInfo();

    /// <summary>Reads a string and its length in UTF-16 units.</summary>
    TextRef ReadString(out int units);

    /// <summary>Reads a string that may be abbreviated: a formatting key, the name of an XML element or hook.</summary>
    TextRef ReadKey();

    byte ReadTypeRef();

    uint ReadLength();

    /// <summary>Reads the elements of the legacy JSON content: <c>undefined</c> or JSON texts.</summary>
    /// <param name="count">How many.</param>
    /// <param name="fields">Receives where they lie.</param>
    void ReadJsonElements(uint count, ref StructFields fields);

    /// <summary>Reads the value of an embed or a format: JSON text in v1, a lib0 value in v2.</summary>
    /// <param name="fields">Receives where it lies.</param>
    void ReadJson(ref StructFields fields);
}
