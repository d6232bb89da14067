namespace CoEdit.Bench;

/// <summary>One edit of <see cref="SixClients"/>.</summary>
/// <param name="Client">Which of the authors edits.</param>
/// <param name="CatchesUp">Whether it first applies all that it has missed.</param>
/// <param name="Place">A fraction of the text, in 2^32nds: how long the text is depends on what the author has seen.</param>
/// <param name="Text">What is inserted; empty for a deletion.</param>
/// <param name="Deleted">How many units are deleted, up to the end of the text.</param>
internal readonly record struct RandomStep(int Client, bool CatchesUp, uint Place, string Text, int Deleted);
