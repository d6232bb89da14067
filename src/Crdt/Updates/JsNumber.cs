using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace CoEdit.Crdt;

/// <summary>Numbers as JavaScript writes them: in JSON text and as lib0 values.</summary>
internal static class JsNumber
{
    /// <summary>The largest magnitude that lib0 writes as an integer. -2^31 is a float32, oddly.</summary>
    private const double LargestInteger = int.MaxValue;

    private const int LongestText = 40;
    private const int MostDigits = 20;

    // Number::toString of ECMAScript: plain notation as long as the decimal point lies within these.
    private const int PlainUpTo = 21;
    private const int PlainFrom = -6;

    // The tag and the longest i(n).
    private const int IntegerBytes = 12;

    private const long MantissaMask = (1L << 52) - 1;
    private const long CanonicalNaN = 0x7FF8000000000000;

    /// <summary>Writes a lib0 value: the smallest of integer, float32 and float64 that holds the number.</summary>
    public static void WriteAny(ByteBuffer target, double value)
    {
        if (Math.Abs(value) <= LargestInteger && Math.Truncate(value) == value)
        {
            Span<byte> span = target.GetSpan(IntegerBytes);
            span[0] = AnyTag.Integer;
            target.Advance(1 + Lib0Writer.PutVarInt(span[1..], (long)value, value == 0 && double.IsNegative(value)));
        }
        else if ((float)value == value)
        {
            target.WriteByte(AnyTag.Float32);
            BinaryPrimitives.WriteSingleBigEndian(target.GetSpan(sizeof(float)), (float)value);
            target.Advance(sizeof(float));
        }
        else
        {
            target.WriteByte(AnyTag.Float64);
            long bits = double.IsNaN(value) ? CanonicalNaN : BitConverter.DoubleToInt64Bits(value);
            BinaryPrimitives.WriteInt64BigEndian(target.GetSpan(sizeof(long)), bits);
            target.Advance(sizeof(long));
        }
    }

    /// <summary>Writes JSON text. What JSON has no number for (NaN, infinities) is <c>null</c>, negative zero is <c>0</c>.</summary>
    public static void WriteJson(ByteBuffer target, double value)
    {
        if (!double.IsFinite(value))
        {
            target.Append("null"u8);
            return;
        }

        if (value == 0)
        {
            target.WriteByte((byte)'0');
            return;
        }

        Span<byte> text = stackalloc byte[LongestText];
        value.TryFormat(text, out int length, "R", CultureInfo.InvariantCulture);

        // .NET 10 loses the last digit of two powers of two (2^-25 is one), whose neighbours below are closer than those above.
        if ((BitConverter.DoubleToInt64Bits(value) & MantissaMask) == 0 && Parse(text[..length]) != value)
            value.TryFormat(text, out length, "E16", CultureInfo.InvariantCulture);
        Span<byte> digits = stackalloc byte[MostDigits];
        int count = Digits(text[..length], digits, out int point);
        if (value < 0)
            target.WriteByte((byte)'-');
        Write(target, digits[..count], point);
    }

    /// <summary>Parses a JSON number as <c>JSON.parse</c> does: too large is infinite, too small is zero.</summary>
    public static double Parse(ReadOnlySpan<byte> text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    // Takes the significant digits out of a shortest round-trip text; the value is 0.digits times ten to the power of point.
    private static int Digits(ReadOnlySpan<byte> text, Span<byte> digits, out int point)
    {
        int count = 0;
        int exponent = 0;
        int? dot = null;
        int leadingZeros = 0;
        for (int i = 0; i < text.Length; i++)
        {
            byte c = text[i];
            if (c is (byte)'E')
            {
                exponent = int.Parse(text[(i + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
                break;
            }

            if (c == (byte)'.')
                dot = count + leadingZeros;
            else if (c == (byte)'0' && count == 0)
                leadingZeros++;
            else if (char.IsAsciiDigit((char)c))
                digits[count++] = c;
        }

        point = (dot ?? count + leadingZeros) - leadingZeros + exponent;
        while (count > 1 && digits[count - 1] == (byte)'0')
            count--;
        return count;
    }

    private static void Write(ByteBuffer target, ReadOnlySpan<byte> digits, int point)
    {
        if (digits.Length <= point && point <= PlainUpTo)
        {
            target.Append(digits);
            Zeros(target, point - digits.Length);
        }
        else if (point > 0 && point <= PlainUpTo)
        {
            target.Append(digits[..point]);
            target.WriteByte((byte)'.');
            target.Append(digits[point..]);
        }
        else if (point > PlainFrom && point <= 0)
        {
            target.Append("0."u8);
            Zeros(target, -point);
            target.Append(digits);
        }
        else
        {
            target.WriteByte(digits[0]);
            if (digits.Length > 1)
            {
                target.WriteByte((byte)'.');
                target.Append(digits[1..]);
            }

            target.WriteByte((byte)'e');
            target.WriteByte(point - 1 < 0 ? (byte)'-' : (byte)'+');
            target.Append(Encoding.ASCII.GetBytes(Math.Abs(point - 1).ToString(CultureInfo.InvariantCulture)));
        }
    }

    private static void Zeros(ByteBuffer target, int count)
    {
        target.GetSpan(Math.Max(1, count))[..count].Fill((byte)'0');
        target.Advance(count);
    }
}
