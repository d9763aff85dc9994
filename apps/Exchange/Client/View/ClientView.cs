using Starling.Apps.Exchange.Client.Model;

namespace Starling.Apps.Exchange.Client.View;

/// <summary>All that a screen shows.</summary>
/// <param name="Title">Who is signed in where.</param>
/// <param name="Market">What is known of the market.</param>
/// <param name="Status">How connection and feed are.</param>
/// <param name="Answers">What was said and answered, the latest last.</param>
/// <param name="Scroll">How many listings are above the first that is shown.</param>
internal sealed record ClientView(string Title, MarketView Market, ClientStatus Status, IReadOnlyList<Answer> Answers, int Scroll);
