namespace Starling.Server.Channels;

/// <summary>Selects topics: by name, by URL pattern, or all.</summary>
public sealed record TopicSelection
{
    /// <summary>All topics.</summary>
    public static TopicSelection All { get; } = new() { Topics = ["*"] };

    /// <summary>Topics by name.</summary>
    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>Topics by URL pattern (URL Pattern Standard), for example <c>https://example.com/books/:id</c>.</summary>
    public IReadOnlyList<string> UrlPatterns { get; init; } = [];

    /// <summary>Selects topics by name.</summary>
    /// <param name="topics">The topics.</param>
    /// <returns>The selection.</returns>
    public static TopicSelection Of(params string[] topics) => new() { Topics = topics };
}
