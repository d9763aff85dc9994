namespace Starling.Protocol.Patterns;

/// <summary>
/// A regular expression as a tree, to be compiled by <see cref="TextMatcher"/>. Takes some hundred bytes. A
/// <see cref="System.Text.RegularExpressions.Regex"/> that matches in linear time builds automata that take up to 30 MB each.
/// </summary>
internal abstract record TextExpression
{
    /// <summary>Exactly this text.</summary>
    public sealed record Text(string Value) : TextExpression;

    /// <summary>One character of a set.</summary>
    public sealed record OneOf(Func<char, bool> Contains) : TextExpression;

    /// <summary>One after the other.</summary>
    public sealed record Sequence(params TextExpression[] Items) : TextExpression;

    /// <summary>One of several.</summary>
    public sealed record Choice(params TextExpression[] Items) : TextExpression;

    /// <summary>Several times, without an upper bound where <paramref name="Max"/> is null.</summary>
    public sealed record Repeat(TextExpression Item, int Min, int? Max) : TextExpression;

    /// <summary>Nothing, at the start of the text.</summary>
    public sealed record Start : TextExpression;

    /// <summary>Nothing, at the end of the text.</summary>
    public sealed record End : TextExpression;

    /// <summary>The same once or not at all.</summary>
    public TextExpression Optional() => new Repeat(this, 0, 1);

    /// <summary>The same any number of times.</summary>
    public TextExpression Any() => new Repeat(this, 0, null);
}
