namespace CoEdit.Crdt;

/// <summary>Steps over lib0 "any" values without building them.</summary>
internal static class AnyValue
{
    private const int StackDepth = 64;

    /// <summary>Reads past <paramref name="count"/> values of any nesting and returns how deep they are nested; 0 without a container.</summary>
    /// <remarks>
    /// Nesting is chosen by the sender, so there is no recursion: containers wait on a stack of their own, which cannot grow past the input
    /// (each level costs two bytes of it). The last element of a container replaces it instead of being pushed on top.
    /// </remarks>
    public static int Skip(ref Lib0Reader reader, ulong count)
    {
        for (; count > 0; count--)
        {
            byte tag = reader.PeekByte();
            if (tag is Tag.Object or Tag.Array)
                return SkipNested(ref reader, count);
            reader.Skip(1);
            SkipScalar(ref reader, tag);
        }

        return 0;
    }

    private static int SkipNested(ref Lib0Reader reader, ulong count)
    {
        // A container is level << 32 | (values left << 1) | 1 for objects, whose values have a key in front.
        Span<ulong> stack = stackalloc ulong[StackDepth];
        int depth = 0;
        ulong left = count;
        bool keys = false;
        ulong level = 0;
        ulong deepest = 0;
        while (true)
        {
            while (left == 0)
            {
                if (depth == 0)
                    return (int)deepest;
                ulong container = stack[--depth];
                level = container >> 32;
                left = (container & uint.MaxValue) >> 1;
                keys = (container & 1) != 0;
            }

            left--;
            if (keys)
                reader.ReadVarString();
            byte tag = reader.ReadByte();
            if (tag is not (Tag.Object or Tag.Array))
            {
                SkipScalar(ref reader, tag);
                continue;
            }

            ulong inner = reader.ReadVarUInt();
            ulong bytesPerValue = tag == Tag.Object ? 2UL : 1UL;
            if (inner > (ulong)reader.Remaining / bytesPerValue)
                throw new MalformedUpdateException("A value announces more elements than its bytes can hold.");
            if (left > 0)
            {
                if (depth == stack.Length)
                {
                    ulong[] larger = new ulong[stack.Length * 2];
                    stack.CopyTo(larger);
                    stack = larger;
                }

                stack[depth++] = (level << 32) | (left << 1) | (keys ? 1UL : 0UL);
            }

            left = inner;
            keys = tag == Tag.Object;
            level++;
            deepest = Math.Max(deepest, level);
        }
    }

    private static void SkipScalar(ref Lib0Reader reader, byte tag)
    {
        switch (tag)
        {
            case Tag.Undefined or Tag.Null or Tag.False or Tag.True:
                break;
            case Tag.Integer:
                reader.ReadVarInt();
                break;
            case Tag.Float32:
                reader.Skip(4);
                break;
            case Tag.Float64 or Tag.BigInt:
                reader.Skip(8);
                break;
            case Tag.String:
                reader.ReadVarString();
                break;
            case Tag.Bytes:
                reader.ReadVarBytes();
                break;
            default:
                throw new MalformedUpdateException("A value has an unknown tag.");
        }
    }

    private static class Tag
    {
        public const byte Undefined = 127;
        public const byte Null = 126;
        public const byte Integer = 125;
        public const byte Float32 = 124;
        public const byte Float64 = 123;
        public const byte BigInt = 122;
        public const byte False = 121;
        public const byte True = 120;
        public const byte String = 119;
        public const byte Object = 118;
        public const byte Array = 117;
        public const byte Bytes = 116;
    }
}
