using System.Reflection;

namespace CoEdit.Crdt.Tests;

/// <summary>A session that real Yjs recorded: what was delivered and what came out (tests/conformance/fixtures.mjs).</summary>
internal sealed record Session(string Name, bool Gc, byte[] StateVector, byte[] State, byte[][] Updates)
{
    public static IReadOnlyList<Session> All { get; } = Load();

    public static Session Named(string kind) => All.First(session => session.Name.StartsWith(kind, StringComparison.Ordinal));

    public override string ToString() => Name;

    private static List<Session> Load()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("sessions.txt")!;
        using StreamReader reader = new(stream);
        List<Session> sessions = [];
        List<byte[]> updates = [];
        string[] head = [];
        while (reader.ReadLine() is { } line)
        {
            string[] parts = line.Split(' ');
            if (parts[0] == "update")
            {
                updates.Add(Convert.FromBase64String(parts[1]));
                continue;
            }

            Add();
            head = parts;
        }

        Add();
        return sessions;

        void Add()
        {
            if (head.Length > 0)
            {
                sessions.Add(new Session(
                    head[1], bool.Parse(head[2]), Convert.FromBase64String(head[3]), Convert.FromBase64String(head[4]), [.. updates]));
            }

            updates.Clear();
        }
    }
}
