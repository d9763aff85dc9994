using System.Xml.Linq;

namespace Starling.Architecture.Tests;

/// <summary>References between projects point one way; this is the one place that says which.</summary>
public sealed class ReferenceDirectionTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Starling.Protocol"] = [],
        ["Starling.Ot"] = [],
        ["Starling.Messaging"] = ["Starling.Protocol"],
        ["Starling.Server"] = ["Starling.Protocol"],
        ["Starling.Documents"] = ["Starling.Ot", "Starling.Protocol", "Starling.Server"],
        ["Starling.Sqlite"] = ["Starling.Documents", "Starling.Ot"],
        ["Starling.PostgreSql"] = ["Starling.Documents", "Starling.Ot"],
        ["Starling.Redis"] = ["Starling.Protocol", "Starling.Server"],
        ["Starling.Cluster"] = ["Starling.Server"],
        ["Starling.Dashboard"] = ["Starling.Server"],
        ["Starling.Supervisor"] = ["Starling.Messaging"],
        ["Starling.Worker"] = ["Starling.Messaging"],
    };

    public static TheoryData<string> SourceProjects =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Select(path => Path.GetFileNameWithoutExtension(path)).Where(name => name != "Starling.Host")];

    [Theory]
    [MemberData(nameof(SourceProjects))]
    public void A_source_project_references_only_what_lies_below_it(string project)
    {
        Assert.True(Allowed.TryGetValue(project, out var allowed), $"{project} is not in the table of projects; decide where it stands.");
        Assert.All(References(project), reference => Assert.Contains(reference, allowed));
    }

    [Fact]
    public void Nothing_references_the_host()
    {
        var projects = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories);
        Assert.All(projects, path => Assert.DoesNotContain("Starling.Host", References(path, "ProjectReference")));
    }

    private static string[] References(string project) =>
        References(Path.Combine(Repository.Root, "src", project, project + ".csproj"), "ProjectReference");

    private static string[] References(string path, string element) =>
        [.. XDocument.Load(path).Descendants(element)
            .Select(item => Path.GetFileNameWithoutExtension(item.Attribute("Include")!.Value.Replace('\\', '/')))];
}
