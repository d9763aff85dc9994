using System.Text.RegularExpressions;

namespace Starling.Architecture.Tests;

/// <summary>What the documentation says of the repository is true.</summary>
public sealed partial class DocumentationTests
{
    public static TheoryData<string> Documents =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Repository.Root, "*.md"))
            .Select(path => Path.GetRelativePath(Repository.Root, path))];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_path_that_a_document_names_exists(string document)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, document));
        var paths = CodePath().Matches(text).Select(match => match.Groups[1].Value)
            .Concat(LinkPath().Matches(text).Select(match => Path.Combine(Path.GetDirectoryName(document)!, match.Groups[1].Value)));
        Assert.All(paths, path => Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), $"{document} names {path}, which does not exist."));
    }

    [Fact]
    public void No_source_file_is_too_long_to_hold_in_the_head()
    {
        string[] folders = ["src", "apps", "tests", "benchmarks", "web/src"];
        var tooLong = folders.Select(folder => Path.Combine(Repository.Root, folder))
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.*", SearchOption.AllDirectories))
            .Where(path => path.EndsWith(".cs", StringComparison.Ordinal) || path.EndsWith(".ts", StringComparison.Ordinal))
            .Where(path => !path.Contains("node_modules", StringComparison.Ordinal) && File.ReadLines(path).Count() > 400);
        Assert.Empty(tooLong);
    }

    [GeneratedRegex(@"`((?:src|apps|tests|benchmarks|web|docs)/[\w./-]+)`")]
    private static partial Regex CodePath();

    [GeneratedRegex(@"\]\((?!https?:)([^)#]+)\)")]
    private static partial Regex LinkPath();
}
