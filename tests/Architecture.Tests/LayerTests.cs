using System.Xml.Linq;

namespace CoEdit.Architecture.Tests;

public sealed class LayerTests
{
    [Theory]
    [InlineData("src/Crdt/CoEdit.Crdt.csproj")]
    [InlineData("src/Protocol/CoEdit.Protocol.csproj", "CoEdit.Crdt")]
    [InlineData("src/Persistence/CoEdit.Persistence.csproj")]
    [InlineData("src/Server/CoEdit.Server.csproj", "CoEdit.Crdt", "CoEdit.Persistence", "CoEdit.Protocol")]
    public void Project_references_point_down(string project, params string[] expected)
    {
        string[] references =
        [
            .. XDocument.Load(Repository.File(project)).Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value))
                .Order(StringComparer.Ordinal),
        ];

        Assert.Equal(expected, references);
    }

    [Theory]
    [InlineData("src/Crdt/CoEdit.Crdt.csproj")]
    [InlineData("src/Protocol/CoEdit.Protocol.csproj")]
    public void The_engine_and_the_protocol_depend_on_no_package(string project) =>
        Assert.Empty(XDocument.Load(Repository.File(project)).Descendants("PackageReference"));

    [Fact]
    public void Every_file_of_the_readme_s_hot_path_exists_and_there_are_six_at_most()
    {
        string[] files =
        [
            .. File.ReadLines(Repository.File("README.md"))
                .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && line.Contains("](src/", StringComparison.Ordinal))
                .Select(line => line.Split("](")[1].Split(')')[0]),
        ];

        Assert.InRange(files.Length, 4, 6);
        Assert.All(files, file => Assert.True(File.Exists(Repository.File(file)), file));
    }
}
