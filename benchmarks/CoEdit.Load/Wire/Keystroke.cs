using CoEdit.Crdt;

namespace CoEdit.Load;

/// <summary>The update that a Yjs client makes of one letter typed behind its last one: a real one, every server integrates it.</summary>
internal static class Keystroke
{
    /// <summary>More than any of these updates has.</summary>
    public const int MaxBytes = 48;

    /// <summary>The root type that everybody types into.</summary>
    public const byte RootName = (byte)'t';

    private const byte StringContent = 4;
    private const byte HasOrigin = 0x80;

    /// <summary>Writes <c>1 client, 1 struct: the letter; nothing deleted</c> and returns the number of bytes.</summary>
    public static int Put(Span<byte> target, ulong client, uint clock)
    {
        int at = 0;
        target[at++] = 1; // clients
        target[at++] = 1; // structs
        at += Lib0Writer.PutVarUInt(target[at..], client);
        at += Lib0Writer.PutVarUInt(target[at..], clock);
        if (clock == 0)
        {
            target[at++] = StringContent;
            target[at++] = 1; // the parent is a root type
            target[at++] = 1;
            target[at++] = RootName;
        }
        else
        {
            target[at++] = StringContent | HasOrigin;
            at += Lib0Writer.PutVarUInt(target[at..], client);
            at += Lib0Writer.PutVarUInt(target[at..], clock - 1);
        }

        target[at++] = 1; // letters
        target[at++] = (byte)('a' + (clock % 26));
        target[at++] = 0; // nothing deleted
        return at;
    }
}
