using Starling.Server.Transports.Detaching;

namespace Starling.Server.Tests.Transports.Detaching;

public sealed class QuietCollectionTests
{
    private readonly ManualTime _time = new();
    private TimeSpan _processorTime;
    private int _collections;

    [Fact]
    public void Many_handshakes_and_then_quiet_lead_to_one_collection()
    {
        using var collection = Create();
        Shake(collection, QuietCollection.Handshakes);
        _time.Advance(QuietCollection.Interval * 2);
        Assert.Equal(0, _collections);
        _time.Advance(QuietCollection.Interval);
        Assert.Equal(1, _collections);
        _time.Advance(QuietCollection.Interval * 60);
        Assert.Equal(1, _collections);

        Shake(collection, QuietCollection.Handshakes);
        _time.Advance(QuietCollection.Interval * 3);
        Assert.Equal(2, _collections);
    }

    [Fact]
    public void Few_handshakes_lead_to_none()
    {
        using var collection = Create();
        Shake(collection, QuietCollection.Handshakes - 1);
        _time.Advance(QuietCollection.Interval * 60);
        Assert.Equal(0, _collections);
    }

    [Fact]
    public void While_clients_come_it_waits()
    {
        using var collection = Create();
        Shake(collection, QuietCollection.Handshakes);
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(QuietCollection.Interval);
            Shake(collection, 1);
        }

        Assert.Equal(0, _collections);
    }

    [Fact]
    public void While_the_process_works_it_waits()
    {
        using var collection = Create();
        Shake(collection, QuietCollection.Handshakes);
        for (var i = 0; i < 10; i++)
        {
            _processorTime += QuietCollection.Interval / 2;
            _time.Advance(QuietCollection.Interval);
        }

        Assert.Equal(0, _collections);
        _time.Advance(QuietCollection.Interval * 2);
        Assert.Equal(1, _collections);
    }

    private static void Shake(QuietCollection collection, int count)
    {
        for (var i = 0; i < count; i++)
        {
            collection.OnHandshake();
        }
    }

    private QuietCollection Create() => new(_time, () => _processorTime, () => _collections++);
}
