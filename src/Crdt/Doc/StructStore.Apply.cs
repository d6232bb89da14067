using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace CoEdit.Crdt;

/// <summary>Integrating the structs of an update in an order that meets their dependencies.</summary>
internal sealed partial class StructStore
{
    private const int SmallUpdate = 8;

    private bool _smallUpdate;

    /// <summary>Integrates what can be; the rest, by sections, goes to <paramref name="rest"/>.</summary>
    /// <remarks>
    /// Sections of higher clients come first. A struct that needs a unit of another client waits on a stack while that client's section goes on;
    /// if that doesn't help, everything on the stack and behind it in its sections is the rest.
    /// </remarks>
    public void ApplyStructs(Transaction transaction, DecodedUpdate update, ReadOnlySpan<byte> bytes, RestStructs rest)
    {
        Span<DecodedUpdate.Section> sections = update.Sections.Items;
        if (sections.Length == 0)
            return;
        _smallUpdate = update.Structs.Count <= SmallUpdate && update.Format == UpdateFormat.V1 && !update.IsParked && !Doc.IsWatched;
        _applying = update;
        int[] order = ArrayPool<int>.Shared.Rent(sections.Length);
        for (int i = 0; i < sections.Length; i++)
            order[i] = i;
        if (sections.Length > 1)
            SortByClient(order.AsSpan(0, sections.Length), sections);
        try
        {
            foreach (int section in order.AsSpan(0, sections.Length))
            {
                // A section that lower ones depended on is partly done already; one that was parked is empty.
                while (true)
                {
                    ApplyPlain(transaction, update, bytes, ref sections[section]);
                    if (sections[section].Next >= sections[section].End)
                        break;
                    int head = sections[section].Next++;
                    if (!TryApply(transaction, update, bytes, sections[section].Client, head, out int missing, out int clock))
                        ApplyWaiting(transaction, update, bytes, section, head, missing, clock, rest);
                }
            }
        }
        finally
        {
            _applying = null;
            ArrayPool<int>.Shared.Return(order);
        }
    }

    private void SortByClient(Span<int> order, Span<DecodedUpdate.Section> sections)
    {
        bool sorted = true;
        for (int i = 1; i < order.Length && sorted; i++)
            sorted = _clients[sections[i - 1].Client].Id > _clients[sections[i].Client].Id;
        if (sorted)
            return;
        ulong[] keys = ArrayPool<ulong>.Shared.Rent(order.Length);
        for (int i = 0; i < order.Length; i++)
            keys[i] = ~_clients[sections[i].Client].Id;
        keys.AsSpan(0, order.Length).Sort(order);
        ArrayPool<ulong>.Shared.Return(keys);
    }

    // missing >= 0: the client whose units are needed. -1 with false: an earlier struct of the own client is.
    private void ApplyWaiting(
        Transaction transaction, DecodedUpdate update, ReadOnlySpan<byte> bytes, int section, int head, int missing, int clock,
        RestStructs rest)
    {
        Span<DecodedUpdate.Section> sections = update.Sections.Items;
        Stack<Waiting> stack = rest.Stack;
        stack.Push(new Waiting(section, head));
        while (true)
        {
            if (missing < 0)
            {
                rest.Missing.Add((sections[section].Client, update.Structs[head].Clock - 1));
                rest.Park(stack, sections);
                return;
            }

            int needed = update.SectionOf(_clients[missing]);
            if (needed < 0 || sections[needed].Next == sections[needed].End)
            {
                rest.Missing.Add((missing, _clients[missing].State));
                rest.Park(stack, sections);
                return;
            }

            // What waits is tried again after each struct of the other client, which makes no difference until the unit has come.
            ApplyPlain(transaction, update, bytes, ref sections[needed], clock);
            if (_clients[missing].State > clock || sections[needed].Next == sections[needed].End)
            {
                (section, head) = stack.Pop();
            }
            else
            {
                section = needed;
                head = sections[needed].Next++;
            }

            while (TryApply(transaction, update, bytes, sections[section].Client, head, out missing, out clock))
            {
                if (!stack.TryPop(out Waiting waiting))
                    return;
                (section, head) = (waiting.Section, waiting.Struct);
            }

            stack.Push(new Waiting(section, head));
        }
    }

    private bool TryApply(
        Transaction transaction, DecodedUpdate update, ReadOnlySpan<byte> bytes, int client, int index, out int missing, out int missingClock)
    {
        missing = -1;
        missingClock = 0;
        ref DecodedUpdate.Struct next = ref update.Structs[index];
        if (next.Kind == StructKind.Skip)
            return true;
        ClientStructs structs = _clients[client];
        int offset = structs.State - next.Clock;
        if (offset < 0)
            return false;
        if (next.Kind == StructKind.Gc)
        {
            if (offset < next.Length)
                AppendGc(transaction, client, next.Clock + offset, next.Length - offset);
            return true;
        }

        missing = Missing(next, client, out missingClock);
        if (missing >= 0)
            return false;
        Resolve(transaction, next, bytes, out int left, out int right, out int parent, out int key);
        if (offset < next.Length)
            Add(transaction, next, bytes, structs, offset, left, right, parent, key);
        return true;
    }

    /// <summary>The client of a unit that a struct needs and that has not arrived, or -1.</summary>
    public int Missing(in DecodedUpdate.Struct next, int client, out int clock)
    {
        clock = next.B;
        if (next.Kind == StructKind.Gc)
            return -1;
        if (next.HasOrigins ? next.A >= 0 : !next.IsRootChild)
        {
            if (next.A != client && next.B >= _clients[next.A].State)
                return next.A;
        }

        clock = next.D;
        return next.HasOrigins && next.C >= 0 && next.C != client && next.D >= _clients[next.C].State ? next.C : -1;
    }

    // Cuts the neighbours even when the struct turns out to be known: Yjs does, and joins them again at the end.
    private void Resolve(
        Transaction transaction, in DecodedUpdate.Struct next, ReadOnlySpan<byte> bytes, out int left, out int right, out int parent, out int key)
    {
        left = right = parent = None;
        key = -1;
        if (!next.HasOrigins)
        {
            if (next.C >= 0)
                key = Keys.Intern(bytes.Slice(next.C, next.D));
            if (next.IsRootChild)
            {
                parent = GetRoot(bytes.Slice(next.A, next.B));
                return;
            }

            ref Item owner = ref Items[Find(next.A, next.B)];
            parent = owner.Kind == StructKind.Type ? owner.Content : None;
            return;
        }

        if (next.A >= 0)
            left = CleanEnd(transaction, next.A, next.B);
        if (next.C >= 0)
        {
            // Mostly the right origin is still the left one's neighbour.
            int neighbour = left != None ? Items[left].Right : None;
            right = neighbour != None && Items[neighbour].Clock == next.D && Items[neighbour].Client == next.C
                ? neighbour
                : CleanStart(transaction, next.C, next.D);
        }

        if ((left != None && Items[left].IsGc) || (right != None && Items[right].IsGc))
            return;
        ref Item source = ref Items[left != None ? left : right];
        parent = source.Parent;
        if (source.IsKeyed)
            key = source.Aux;
    }

    private void Add(
        Transaction transaction, in DecodedUpdate.Struct next, ReadOnlySpan<byte> bytes, ClientStructs structs, int offset, int left, int right,
        int parent, int key)
    {
        if (offset > 0)
        {
            left = CleanEnd(transaction, structs.Index, next.Clock + offset - 1);

            // A forged struct may claim another place than the units that are known: the rest stays where those are.
            if (parent != None)
                FollowLeft(left, ref right, ref parent, ref key);
        }

        if (parent == None)
        {
            AppendGc(transaction, structs.Index, next.Clock + offset, next.Length - offset);
            return;
        }

        // In large updates joining now would mean cutting again for what comes later.
        if (_smallUpdate && left != None && offset == 0 && next.Kind == StructKind.String && next.HasOrigins
            && CanAppend(structs, left, right, next.C, next.D) && !IsTypeDeleted(parent))
        {
            Lib0Reader reader = new(bytes[next.Content..next.End]);
            structs.Text.AppendUtf8(reader.ReadVarBytes(), next.Length);
            Extend(transaction, structs, left, next.Length);
            return;
        }

        int handle = Items.Allocate();
        ref Item item = ref Items[handle];
        item = default;
        item.SetHeader(structs.Index, next.Kind, key >= 0 ? Item.Keyed : 0);
        item.Clock = next.Clock + offset;
        item.Length = next.Length - offset;
        item.OriginClient = item.RightClient = Item.NoClient;
        if (offset > 0)
        {
            ref Item before = ref Items[left];
            (item.OriginClient, item.OriginClock) = (before.Client, before.Last);
        }
        else if (next.HasOrigins && next.A >= 0)
        {
            (item.OriginClient, item.OriginClock) = (next.A, next.B);
        }

        if (next.HasOrigins && next.C >= 0)
            (item.RightClient, item.RightClock) = (next.C, next.D);
        item.Left = left;
        item.Right = right;
        item.Parent = parent;
        item.Aux = key >= 0 ? key : 0;
        int content = ReadContent(next, bytes, structs, offset, handle);
        Items[handle].Content = content;
        Integrate(transaction, handle);
    }

    private void FollowLeft(int left, ref int right, ref int parent, ref int key)
    {
        ref Item before = ref Items[left];
        parent = before.IsGc ? None : before.Parent;
        key = before.IsKeyed ? before.Aux : -1;
        if (right == None)
            return;
        ref Item behind = ref Items[right];
        if (behind.IsGc || behind.Parent != parent || (behind.IsKeyed ? behind.Aux : -1) != key)
            right = None;
    }

    private int ReadContent(in DecodedUpdate.Struct next, ReadOnlySpan<byte> bytes, ClientStructs structs, int offset, int handle)
    {
        if (_applying!.Format == UpdateFormat.V2)
            return ReadContentV2(next, bytes, structs, offset, handle);
        Lib0Reader reader = new(bytes[next.Content..next.End]);
        switch (next.Kind)
        {
            case StructKind.Deleted:
                return 0;
            case StructKind.String:
                return AppendText(structs.Text, reader.ReadVarBytes(), next.Length, offset);
            case StructKind.Any or StructKind.Json:
                reader.ReadVarUInt();
                ReadOnlySpan<byte> values = bytes[(next.Content + reader.Position)..next.End];
                return Arena.Add(offset == 0 ? values : values[ValueOffset(next.Kind, values, offset)..]);
            case StructKind.Binary:
                return Arena.Add(reader.ReadVarBytes());
            case StructKind.Embed:
                return Arena.Add([EncodedAsJson], reader.ReadVarBytes());
            case StructKind.Format:
                Span<byte> header = stackalloc byte[FormatHeader];
                BinaryPrimitives.WriteInt32LittleEndian(header, Keys.Intern(reader.ReadVarBytes()));
                header[^1] = EncodedAsJson;
                return Arena.Add(header, reader.ReadVarBytes());
            case StructKind.Type:
                int typeRef = (int)reader.ReadVarUInt();
                return NewType(typeRef, typeRef is YType.XmlElementRef or YType.XmlHookRef ? Keys.Intern(reader.ReadVarBytes()) : -1, handle);
            default:
                SetSubdoc(handle, YDoc.FromWire(bytes[next.Content..next.End]));
                return Arena.Add(bytes[next.Content..next.End]);
        }
    }

    private static int AppendText(TextBuffer text, ReadOnlySpan<byte> utf8, int units, int offset)
    {
        if (offset == 0)
            return text.AppendUtf8(utf8, units);
        if (utf8.Length == units)
            return text.AppendUtf8(utf8[offset..], units - offset);
        char[] chars = ArrayPool<char>.Shared.Rent(units);
        Encoding.UTF8.GetChars(utf8, chars);
        if (char.IsHighSurrogate(chars[offset - 1]))
            chars[offset] = ReplacementCharacter;
        int position = text.AppendChars(chars.AsSpan(offset, units - offset));
        ArrayPool<char>.Shared.Return(chars);
        return position;
    }

    internal readonly record struct Waiting(int Section, int Struct);
}
