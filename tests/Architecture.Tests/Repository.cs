namespace CoEdit.Architecture.Tests;

/// <summary>Finds files of the checkout that the tests were built in.</summary>
internal static class Repository
{
    private static readonly string Root = Find();

    public static string File(string path) => Path.Combine(Root, path);

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "CoEdit.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException("CoEdit.sln is in no folder above the tests.");
    }
}
