namespace Starling.Apps.Exchange.Books;

/// <summary>What came of an order that has an id: a trade or a refusal.</summary>
/// <param name="Order">The order.</param>
/// <param name="Trade">The trade, or null.</param>
/// <param name="Refusal">The refusal, or null.</param>
internal sealed record Outcome(Order Order, Trade? Trade, ExchangeException? Refusal)
{
    /// <summary>Tells it to the one who sends the order again.</summary>
    /// <exception cref="ExchangeException">It was refused, or it was another order.</exception>
    public Execution Repeat(Order order)
    {
        if (order != Order)
        {
            throw new ExchangeException("order-id-used", $"The order {Order.Id} was {Order}; give each order an id of its own.");
        }

        return Trade is not null ? new Execution(Trade, IsRepeat: true) : throw new ExchangeException(Refusal!.Code, Refusal.Message);
    }
}
