using System.Text.Json.Serialization;

namespace Starling.Apps.Ticker;

/// <summary>What is known of a symbol at a moment. Prices are in the symbol's currency.</summary>
/// <param name="Symbol">The symbol.</param>
/// <param name="Last">Price of the last trade.</param>
/// <param name="PreviousClose">Price at the end of the day before, from which changes count.</param>
/// <param name="Bid">What buyers offer.</param>
/// <param name="Ask">What sellers ask.</param>
/// <param name="High">The highest price of the day.</param>
/// <param name="Low">The lowest price of the day.</param>
/// <param name="Volume">Shares traded on the day.</param>
/// <param name="Time">When this was so.</param>
public sealed record Quote(
    string Symbol, decimal Last, decimal PreviousClose, decimal Bid, decimal Ask, decimal High, decimal Low, long Volume, DateTimeOffset Time)
{
    /// <summary>The change since the day before.</summary>
    public decimal Change => Last - PreviousClose;

    /// <summary>The same in percent.</summary>
    public decimal ChangePercent => PreviousClose == 0 ? 0 : Math.Round(100 * Change / PreviousClose, 2);
}

/// <summary>The answer to a poll.</summary>
/// <param name="Quote">The quote; the last one that is known while the source fails; null when there is none.</param>
/// <param name="Error">Why the quote is not a new one, or null.</param>
/// <param name="CallIn">After how many milliseconds to ask again; null for never.</param>
internal sealed record QuoteAnswer(Quote? Quote, string? Error, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? CallIn);

/// <summary>The symbols that can be picked.</summary>
internal sealed record SymbolList(IReadOnlyList<Symbol> Symbols);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(QuoteAnswer))]
[JsonSerializable(typeof(SymbolList))]
[JsonSerializable(typeof(Quote))]
[JsonSerializable(typeof(System.Text.Json.JsonElement))]
internal sealed partial class TickerJson : JsonSerializerContext;
