using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CoEdit.Crdt;

/// <summary>A value inside a document: what JSON has, and besides <c>undefined</c>, 64-bit integers, bytes, shared types and subdocuments.</summary>
/// <remarks>
/// Immutable; arrays and objects handed in must not be changed afterwards. Numbers, strings, booleans and bytes convert implicitly. Two values
/// are equal when they have the same content at every depth; shared types and documents are equal when they are the same object.
/// </remarks>
public readonly partial struct YValue : IEquatable<YValue>
{
    private readonly object? _reference;
    private readonly long _bits;

    private YValue(YValueKind kind, object? reference, long bits = 0)
    {
        Kind = kind;
        _reference = reference;
        _bits = bits;
    }

    /// <summary>The absence of a value.</summary>
    public static YValue Undefined => default;

    /// <summary>JSON's null.</summary>
    public static YValue Null => new(YValueKind.Null, null);

    /// <summary>What the value is.</summary>
    public YValueKind Kind { get; }

    /// <summary>True for <see cref="YValueKind.Undefined"/>.</summary>
    public bool IsUndefined => Kind == YValueKind.Undefined;

    /// <summary>True for <see cref="YValueKind.Null"/>.</summary>
    public bool IsNull => Kind == YValueKind.Null;

    /// <summary>A 64-bit integer that stays one (JavaScript's <c>bigint</c>), as opposed to a number.</summary>
    public static YValue BigInt(long value) => new(YValueKind.BigInt, null, value);

    /// <summary>A number.</summary>
    public static YValue FromDouble(double value) => new(YValueKind.Number, null, BitConverter.DoubleToInt64Bits(value));

    /// <summary>A number; above 2^53 it is rounded as JavaScript would.</summary>
    public static YValue FromInt64(long value) => FromDouble(value);

    /// <summary>A number.</summary>
    public static YValue FromInt32(int value) => FromDouble(value);

    /// <summary>True or false.</summary>
    public static YValue FromBoolean(bool value) => new(YValueKind.Boolean, null, value ? 1 : 0);

    /// <summary>A text; null becomes <see cref="Null"/>.</summary>
    public static YValue FromString(string? value) => value is null ? Null : new(YValueKind.String, value);

    /// <summary>Bytes, which are not copied; null becomes <see cref="Null"/>.</summary>
    public static YValue FromByteArray(byte[]? value) => value is null ? Null : new(YValueKind.Binary, value);

    /// <summary>A list of values, which is not copied.</summary>
    public static YValue FromArray(params YValue[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new(YValueKind.Array, values);
    }

    /// <summary>Named values, which are not copied.</summary>
    public static YValue FromObject(YObject values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new(YValueKind.Object, values);
    }

    /// <summary>A shared type.</summary>
    public static YValue FromType(YType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return new(YValueKind.Type, type);
    }

    /// <summary>A subdocument.</summary>
    public static YValue FromDocument(YDoc document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return new(YValueKind.Document, document);
    }

    /// <summary>The boolean.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind; so for all the readers below.</exception>
    public bool AsBoolean() => Kind == YValueKind.Boolean ? _bits != 0 : throw Wrong(YValueKind.Boolean);

    /// <summary>The number.</summary>
    public double AsDouble() => Kind == YValueKind.Number ? BitConverter.Int64BitsToDouble(_bits) : throw Wrong(YValueKind.Number);

    /// <summary>The 64-bit integer, or the number if it is integral.</summary>
    public long AsInt64()
    {
        if (Kind == YValueKind.BigInt)
            return _bits;
        double number = AsDouble();
        return number is >= long.MinValue and < long.MaxValue && Math.Truncate(number) == number
            ? (long)number
            : throw new InvalidOperationException("The number is not an integer.");
    }

    /// <summary>The text.</summary>
    public string AsString() => Kind == YValueKind.String ? (string)_reference! : throw Wrong(YValueKind.String);

    /// <summary>The bytes, which must not be changed.</summary>
    public byte[] AsBinary() => Kind == YValueKind.Binary ? (byte[])_reference! : throw Wrong(YValueKind.Binary);

    /// <summary>The elements.</summary>
    public IReadOnlyList<YValue> AsArray() => Kind == YValueKind.Array ? (YValue[])_reference! : throw Wrong(YValueKind.Array);

    /// <summary>The named values.</summary>
    public YObject AsObject() => Kind == YValueKind.Object ? (YObject)_reference! : throw Wrong(YValueKind.Object);

    /// <summary>The shared type.</summary>
    public YType AsType() => Kind == YValueKind.Type ? (YType)_reference! : throw Wrong(YValueKind.Type);

    /// <summary>The subdocument.</summary>
    public YDoc AsDocument() => Kind == YValueKind.Document ? (YDoc)_reference! : throw Wrong(YValueKind.Document);

    /// <inheritdoc/>
    public bool Equals(YValue other)
    {
        if (Kind != other.Kind)
            return false;
        return Kind switch
        {
            YValueKind.Undefined or YValueKind.Null => true,
            YValueKind.Boolean or YValueKind.BigInt => _bits == other._bits,
            YValueKind.Number => AsDouble().Equals(other.AsDouble()),
            YValueKind.String => (string)_reference! == (string)other._reference!,
            YValueKind.Binary => AsBinary().AsSpan().SequenceEqual(other.AsBinary()),
            YValueKind.Array or YValueKind.Object => AnyCodec.Encode(this).AsSpan().SequenceEqual(AnyCodec.Encode(other)),
            _ => ReferenceEquals(_reference, other._reference),
        };
    }

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is YValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Kind switch
    {
        YValueKind.String => _reference!.GetHashCode(),
        YValueKind.Type or YValueKind.Document => _reference!.GetHashCode(),
        YValueKind.Binary or YValueKind.Array or YValueKind.Object => (int)Kind,
        _ => HashCode.Combine(Kind, _bits),
    };

    /// <summary>
    /// The text itself for strings, JSON for everything else. For reading only: inside of arrays and objects a 64-bit integer is written as a number,
    /// a shared type or a document as the name of its class.
    /// </summary>
    public override string ToString() => Kind switch
    {
        YValueKind.String => AsString(),
        YValueKind.Undefined => "undefined",
        YValueKind.BigInt => _bits.ToString(CultureInfo.InvariantCulture),
        YValueKind.Type or YValueKind.Document => _reference!.ToString() ?? "",
        _ => JsonCodec.ToDisplayText(this),
    };

    /// <summary>Compares by content.</summary>
    public static bool operator ==(YValue left, YValue right) => left.Equals(right);

    /// <summary>Compares by content.</summary>
    public static bool operator !=(YValue left, YValue right) => !left.Equals(right);

    /// <summary>Converts a text.</summary>
    public static implicit operator YValue(string? value) => FromString(value);

    /// <summary>Converts a number.</summary>
    public static implicit operator YValue(double value) => FromDouble(value);

    /// <summary>Converts a number.</summary>
    public static implicit operator YValue(int value) => FromInt32(value);

    /// <summary>Converts a boolean.</summary>
    public static implicit operator YValue(bool value) => FromBoolean(value);

    /// <summary>Converts bytes.</summary>
    public static implicit operator YValue(byte[]? value) => FromByteArray(value);

    /// <summary>Converts named values.</summary>
    public static implicit operator YValue(YObject value) => FromObject(value);

    /// <summary>Converts a shared type.</summary>
    public static implicit operator YValue(YType value) => FromType(value);

    /// <summary>Converts a subdocument.</summary>
    public static implicit operator YValue(YDoc value) => FromDocument(value);

    internal YValue[] ArrayOrEmpty() => (YValue[])_reference!;

    /// <summary>Yjs' comparison of formatting values: equal primitives, or objects whose members are equal, one level deep.</summary>
    internal bool EqualsAsAttribute(in YValue other)
    {
        if (Kind != other.Kind)
            return false;
        switch (Kind)
        {
            case YValueKind.Number:
                return AsDouble() == other.AsDouble();
            case YValueKind.Array or YValueKind.Object:
                return Members().SequenceEqual(other.Members());
            default:
                return Equals(other);
        }
    }

    /// <summary>JavaScript's <c>===</c>: containers are the same object.</summary>
    internal bool IsSame(in YValue other)
    {
        if (Kind != other.Kind)
            return false;
        return Kind switch
        {
            YValueKind.Number => AsDouble() == other.AsDouble(),
            YValueKind.Binary or YValueKind.Array or YValueKind.Object => ReferenceEquals(_reference, other._reference),
            _ => Equals(other),
        };
    }

    private IEnumerable<KeyValuePair<string, YValue>> Members() => Kind == YValueKind.Object
        ? AsObject().OrderBy(member => member.Key, StringComparer.Ordinal)
        : AsArray().Select((value, index) => KeyValuePair.Create(index.ToString(CultureInfo.InvariantCulture), value));

    private InvalidOperationException Wrong(YValueKind wanted) => new($"The value is {Kind}, not {wanted}.");
}
