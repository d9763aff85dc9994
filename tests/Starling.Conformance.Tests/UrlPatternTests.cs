using System.Text.Json;
using Starling.Protocol.Patterns;

namespace Starling.Conformance.Tests;

/// <summary>Our URL patterns decide as those of the npm package <c>urlpattern-polyfill</c> do.</summary>
public sealed class UrlPatternTests
{
    [Fact]
    public async Task Every_pattern_matches_what_it_matches_in_Node()
    {
        var lines = (await NodeScenario.RunAsync("urlpatterns", "")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var baseUrl = lines[^1].GetProperty("base").GetString()!;
        var urls = Strings(lines[^1].GetProperty("all"));
        var wrong = new List<string>();
        foreach (var line in lines[..^1])
        {
            var text = line.GetProperty("pattern").GetString()!;
            var isValid = UrlPattern.TryParse(text, baseUrl, out var pattern, out var error);
            if (isValid != line.TryGetProperty("matches", out var matches))
            {
                wrong.Add($"{text} is {(isValid ? "valid" : "refused: " + error)} here but not there");
                continue;
            }

            var expected = isValid ? Strings(matches) : [];
            wrong.AddRange(urls.Where(url => pattern is not null && pattern.IsMatch(url) != expected.Contains(url))
                .Select(url => $"{text} on '{url}': {(expected.Contains(url) ? "should" : "should not")} match"));
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static List<string> Strings(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetString()!)];
}
