using System.Text.RegularExpressions;

namespace Starling.Guides.Tests;

/// <summary>What a guide shows is what the tests here run: each snippet names its file and region, and is the same text.</summary>
public sealed partial class SnippetTests
{
    public static TheoryData<string> Guides =>
        [.. Documents().Where(path => Snippet().IsMatch(File.ReadAllText(path))).Select(path => Path.GetRelativePath(Root(), path))];

    [Theory]
    [MemberData(nameof(Guides))]
    public void Every_snippet_is_the_code_that_is_tested(string guide)
    {
        foreach (Match match in Snippet().Matches(File.ReadAllText(Path.Combine(Root(), guide))))
        {
            var (file, region, shown) = (match.Groups["file"].Value, match.Groups["region"].Value, match.Groups["code"].Value);
            Assert.Equal(Region(file, region), shown);
        }
    }

    [Fact]
    public void Every_region_is_shown()
    {
        var shown = Documents().SelectMany(path => Snippet().Matches(File.ReadAllText(path))).Select(match => $"{match.Groups["file"].Value}#{match.Groups["region"].Value}").ToHashSet();
        foreach (var path in Directory.EnumerateFiles(Project(), "*.cs", SearchOption.AllDirectories).Where(path => !path.Contains("/obj/", StringComparison.Ordinal)))
        {
            foreach (Match begin in Begin().Matches(File.ReadAllText(path)))
            {
                Assert.Contains($"{Path.GetRelativePath(Project(), path).Replace('\\', '/')}#{begin.Groups[1].Value}", shown);
            }
        }
    }

    private static string Region(string file, string region)
    {
        var lines = File.ReadAllLines(Path.Combine(Project(), file));
        var start = Array.FindIndex(lines, line => line.Trim() == "// begin " + region);
        Assert.True(start >= 0, $"{file} has no region '{region}'.");
        var code = lines.Skip(start + 1).TakeWhile(line => line.Trim() != "// end").ToList();
        var indent = code.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Concat(code.Select(line => (line.Length > indent ? line[indent..] : "") + "\n"));
    }

    private static IEnumerable<string> Documents() =>
        Directory.EnumerateFiles(Path.Combine(Root(), "docs"), "*.md", SearchOption.AllDirectories).Append(Path.Combine(Root(), "README.md"));

    private static string Project() => Path.Combine(Root(), "tests", "Starling.Guides.Tests");

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Starling.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("Starling.slnx was not found.");
        }

        return folder.FullName;
    }

    [GeneratedRegex(@"<!-- (?<file>[\w/.]+)#(?<region>[\w-]+) -->\n```csharp\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Snippet();

    [GeneratedRegex(@"^\s*// begin ([\w-]+)$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Begin();
}
