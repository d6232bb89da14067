using System.Globalization;
using System.Text;

namespace CoEdit.Crdt;

/// <summary>Replaces what people wrote by numbers and leaves the structure of an update as it is, to the same result as Yjs.</summary>
/// <remarks>
/// The number counts items. Keys, names and simple format values get the number of the item where they occur first, so that equal ones stay
/// equal. Names of root types stay readable.
/// </remarks>
internal sealed class Obfuscator(ObfuscateOptions options)
{
    private const int Digits = 10;
    private const byte XmlHook = 5;
    private const byte NegativeZero = 0x40;

    private readonly Dictionary<string, string> _mapKeys = [];
    private readonly Dictionary<string, string> _typeNames = [];
    private readonly Dictionary<string, string> _formatKeys = [];
    private readonly Dictionary<byte[], int> _formatValues = new(NameComparer.Instance);
    private readonly JsonValues _values = new();
    private readonly ByteBuffer _plain = new();
    private readonly ByteBuffer _bytes = new();
    private int _number;

    /// <summary>Obfuscates one struct.</summary>
    /// <param name="source">The update that it was read from.</param>
    /// <param name="fields">The struct; afterwards its strings and values lie in the returned bytes.</param>
    /// <returns>The new source, valid until the next call.</returns>
    public ReadOnlySpan<byte> Apply(ReadOnlySpan<byte> source, ref StructFields fields)
    {
        if (!fields.IsItem)
            return source;
        _bytes.Clear();
        if (fields.Parent == ParentForm.Root)
            fields.Root = Keep(source, fields.Root);
        if (fields.HasParentSub && !fields.ParentSub.In(source).IsEmpty)
            fields.ParentSub = Put(Cached(_mapKeys, fields.ParentSub.In(source), ""));
        else if (fields.HasParentSub)
            fields.ParentSub = Put("");
        ReplaceContent(source, ref fields);
        _number++;
        return _bytes.Written;
    }

    private void ReplaceContent(ReadOnlySpan<byte> source, ref StructFields fields)
    {
        ReadOnlySpan<byte> value = source[fields.ValueStart..fields.ValueEnd];
        int start = _bytes.Length;
        switch (fields.Kind)
        {
            case StructKind.String:
                _bytes.GetSpan((int)fields.Length)[..(int)fields.Length].Fill((byte)('0' + (_number % Digits)));
                _bytes.Advance((int)fields.Length);
                fields.Text = new TextRef(start, (int)fields.Length);
                start = _bytes.Length;
                break;
            case StructKind.Any:
                for (uint i = 0; i < fields.Length; i++)
                    JsNumber.WriteAny(_bytes, _number);
                break;
            case StructKind.Json:
                fields.JsonInColumn = false;
                for (uint i = 0; i < fields.Length; i++)
                    _bytes.WriteVarString(Number());
                break;
            case StructKind.Binary:
                _bytes.WriteByte((byte)_number);
                break;
            case StructKind.Embed:
                fields.ValueIsJson = false;
                _bytes.Append([AnyTag.Object, 0]);
                break;
            case StructKind.Doc:
                fields.Text = options.Subdocuments ? Put(Number()) : Keep(source, fields.Text);
                start = _bytes.Length;
                _bytes.Append(options.Subdocuments ? [AnyTag.Object, 0] : value);
                break;
            case StructKind.Format:
                fields.Text = options.Formatting ? Put(Cached(_formatKeys, fields.Text.In(source), "")) : Keep(source, fields.Text);
                start = _bytes.Length;
                if (options.Formatting)
                    ReplaceFormatValue(value, ref fields);
                else
                    _bytes.Append(value);
                break;
            case StructKind.Type when fields.HasTypeName:
                fields.Text = options.Xml
                    ? Put(Cached(_typeNames, fields.Text.In(source), fields.TypeRef == XmlHook ? "hook-" : "node-"))
                    : Keep(source, fields.Text);
                start = _bytes.Length;
                break;
        }

        fields.ValueStart = start;
        fields.ValueEnd = _bytes.Length;
    }

    // null ends a format and has to stay null; other simple values are numbered by value, objects each by itself.
    private void ReplaceFormatValue(ReadOnlySpan<byte> value, ref StructFields fields)
    {
        _plain.Clear();
        if (fields.ValueIsJson)
        {
            _values.JsonToAny(value, _plain);
        }
        else
        {
            Lib0Reader reader = new(value);
            _values.CopyAny(ref reader, _plain);
        }

        fields.ValueIsJson = false;
        ReadOnlySpan<byte> plain = _plain.Written;
        if (plain[0] == AnyTag.Null)
        {
            _bytes.WriteByte(AnyTag.Null);
            return;
        }

        int number = _number;
        if (plain[0] is not (AnyTag.Object or AnyTag.Array or AnyTag.Bytes))
        {
            byte[] key = plain is [AnyTag.Integer, NegativeZero] ? [AnyTag.Integer, 0] : plain.ToArray();
            if (!_formatValues.TryAdd(key, number))
                number = _formatValues[key];
        }

        _bytes.WriteByte(AnyTag.Object);
        _bytes.WriteVarUInt(1);
        _bytes.WriteVarBytes("i"u8);
        JsNumber.WriteAny(_bytes, number);
    }

    private string Cached(Dictionary<string, string> cache, WireText name, string prefix)
    {
        string plain = name.ToString();
        if (!cache.TryGetValue(plain, out string? number))
            cache.Add(plain, number = prefix + Number());
        return number;
    }

    private string Number() => _number.ToString(CultureInfo.InvariantCulture);

    private TextRef Put(string text)
    {
        int start = _bytes.Length;
        _bytes.Append(Encoding.UTF8.GetBytes(text));
        return new TextRef(start, _bytes.Length - start);
    }

    private TextRef Keep(ReadOnlySpan<byte> source, TextRef text)
    {
        int start = _bytes.Length;
        _bytes.Append(source.Slice(text.Start, text.Length));
        return text with { Start = start };
    }
}
