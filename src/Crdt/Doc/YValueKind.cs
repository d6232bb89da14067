using System.Diagnostics.CodeAnalysis;

namespace CoEdit.Crdt;

/// <summary>What a <see cref="YValue"/> holds.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "These are the names of JavaScript's types.")]
public enum YValueKind
{
    /// <summary>JavaScript's <c>undefined</c>: the absence of a value. The default.</summary>
    Undefined,

    /// <summary>JSON's null.</summary>
    Null,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A JavaScript number: a double, which holds integers up to 2^53 exactly.</summary>
    Number,

    /// <summary>A 64-bit integer of its own kind (JavaScript's <c>bigint</c>).</summary>
    BigInt,

    /// <summary>A text.</summary>
    String,

    /// <summary>Bytes.</summary>
    Binary,

    /// <summary>A list of values.</summary>
    Array,

    /// <summary>Named values in JavaScript's property order.</summary>
    Object,

    /// <summary>A shared type.</summary>
    Type,

    /// <summary>A subdocument.</summary>
    Document,
}
