namespace CoEdit.Bench;

/// <summary>One replacement in a recorded session, in UTF-16 units (the recordings hold no characters that need two).</summary>
internal readonly record struct Patch(int Position, int Deleted, string Inserted);
