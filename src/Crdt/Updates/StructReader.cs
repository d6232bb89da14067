using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace CoEdit.Crdt;

/// <summary>Reads and validates one struct of an update v1.</summary>
/// <remarks>
/// <code>
/// struct := info:uint8 body
/// GC, Skip := u(len)
/// item   := [origin: u(client) u(clock)]            info &amp; 0x80
///           [rightOrigin: u(client) u(clock)]       info &amp; 0x40
///           [ u(1) str(root) | u(0) u(client) u(clock)   only without origins
///             [str(key)]                                 only if info &amp; 0x20 ]
///           content
/// </code>
/// Everything that makes a stock client throw while it reads is refused here: one such struct would shut all of them out of the document.
/// </remarks>
internal static class StructReader
{
    private const int AnyObject = 118;
    private const ulong MaxTypeRef = 6;
    private const ulong XmlElement = 3;
    private const ulong XmlHook = 5;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(ref Lib0Reader reader, ref StructView view)
    {
        view.Start = reader.Position;
        byte info = reader.ReadByte();
        view.Info = info;
        int kind = info & StructInfo.KindMask;
        if (kind is (int)StructKind.Gc or (int)StructKind.Skip)
        {
            if (info != kind)
                Throw("A GC or Skip struct has flags.");
            view.Content = reader.Position;
            view.Length = reader.ReadVarUInt31();
        }
        else
        {
            if ((info & StructInfo.HasOrigin) != 0)
            {
                view.OriginClient = reader.ReadVarUInt();
                view.OriginClock = reader.ReadVarUInt31();
            }

            if ((info & StructInfo.HasRightOrigin) != 0)
            {
                view.RightClient = reader.ReadVarUInt();
                view.RightClock = reader.ReadVarUInt31();
            }

            if ((info & StructInfo.HasAnyOrigin) == 0)
                ReadParent(ref reader, ref view);
            view.Content = reader.Position;
            ReadContent(ref reader, ref view, kind);
        }

        if (view.Length == 0)
            Throw("A struct has no length.");
        view.End = reader.Position;
    }

    public static void ReadParent(ref Lib0Reader reader, ref StructView view)
    {
        if (reader.ReadVarUInt() == 1)
        {
            view.ParentIsRoot = true;
            ReadOnlySpan<byte> name = reader.ReadVarString();
            view.RootName = reader.Position - name.Length;
            view.RootNameLength = name.Length;
        }
        else
        {
            view.ParentIsRoot = false;
            view.ParentClient = reader.ReadVarUInt();
            view.ParentClock = reader.ReadVarUInt31();
        }

        view.Key = -1;
        if ((view.Info & StructInfo.HasParentSub) != 0)
        {
            ReadOnlySpan<byte> key = reader.ReadVarString();
            view.Key = reader.Position - key.Length;
            view.KeyLength = key.Length;
        }
    }

    public static void ReadContent(ref Lib0Reader reader, ref StructView view, int kind)
    {
        if (kind == (int)StructKind.String)
        {
            ReadOnlySpan<byte> text = reader.ReadVarBytes();
            view.Payload = reader.Position - text.Length;
            view.Length = (uint)ReadTextLength(text);
            return;
        }

        if (kind == (int)StructKind.Deleted)
        {
            view.Length = reader.ReadVarUInt31();
            return;
        }

        view.Length = 1;
        view.Nesting = 0;
        switch ((StructKind)kind)
        {
            case StructKind.Json:
                view.Length = ReadCount(ref reader);
                view.Payload = reader.Position;
                for (uint i = 0; i < view.Length; i++)
                    view.Nesting = Math.Max(view.Nesting, JsonText.ReadElement(ref reader));
                break;
            case StructKind.Binary:
                reader.ReadVarBytes();
                break;
            case StructKind.Embed:
                view.Nesting = JsonText.Read(ref reader);
                break;
            case StructKind.Format:
                reader.ReadVarString();
                view.Nesting = JsonText.Read(ref reader);
                break;
            case StructKind.Type:
                ulong typeRef = reader.ReadVarUInt();
                if (typeRef > MaxTypeRef)
                    Throw("A shared type has an unknown kind.");
                if (typeRef is XmlElement or XmlHook)
                    reader.ReadVarString();
                break;
            case StructKind.Any:
                view.Length = ReadCount(ref reader);
                view.Payload = reader.Position;
                view.Nesting = AnyValue.Skip(ref reader, view.Length);
                break;
            case StructKind.Doc:
                reader.ReadVarString();
                // Yjs reads properties of the options without looking: null or undefined here makes every client throw.
                if (reader.Remaining == 0 || reader.PeekByte() != AnyObject)
                    Throw("The options of a subdocument are not an object.");
                view.Nesting = AnyValue.Skip(ref reader, 1);
                break;
            default:
                Throw("A struct has an unknown kind.");
                break;
        }
    }

    private static uint ReadCount(ref Lib0Reader reader)
    {
        uint count = reader.ReadVarUInt31();
        if (count > reader.Remaining)
            Throw("A struct announces more values than its bytes can hold.");
        return count;
    }

    /// <summary>UTF-16 units of a text, which is validated.</summary>
    public static int ReadTextLength(ReadOnlySpan<byte> text)
    {
        // Most structs of a text are a few letters: a loop beats the call into the vectorised check.
        if (text.Length <= 16)
        {
            int bits = 0;
            foreach (byte b in text)
                bits |= b;
            if (bits < 0x80)
                return text.Length;
        }
        else if (Ascii.IsValid(text))
        {
            return text.Length;
        }

        if (!Utf8.IsValid(text))
            Throw("A string is not valid UTF-8.");
        return Encoding.UTF8.GetCharCount(text);
    }

    [DoesNotReturn]
    private static void Throw(string message) => throw new MalformedUpdateException(message);
}
