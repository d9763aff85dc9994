namespace Starling.Apps.Watcher.Watching;

/// <summary>Counts moves by second and worker, for as many seconds as are kept. Owner: <see cref="Watch"/>, whose lock guards it.</summary>
internal sealed class ActivityLog(int seconds, DateTimeOffset start)
{
    private readonly Queue<Activity> _past = new();
    private Dictionary<int, int> _counts = [];
    private long _second = start.ToUnixTimeSeconds();

    public IReadOnlyList<Activity> Past => [.. _past];

    public void Add(int worker, int moves) => _counts[worker] = _counts.GetValueOrDefault(worker) + moves;

    /// <summary>Ends the seconds that are over; those without a move too, so that a quiet time is seen as one.</summary>
    /// <param name="now">The time.</param>
    /// <param name="workers">Numbers of the workers that live.</param>
    /// <returns>The seconds that ended.</returns>
    public List<Activity> Advance(DateTimeOffset now, IEnumerable<int> workers)
    {
        var ended = new List<Activity>();
        var current = now.ToUnixTimeSeconds();
        if (current <= _second)
        {
            return ended;
        }

        var living = workers.Distinct().ToArray();
        for (_second = Math.Max(_second, current - seconds); _second < current; _second++)
        {
            foreach (var worker in living)
            {
                _counts.TryAdd(worker, 0);
            }

            ended.Add(new Activity(_second, _counts.Values.Sum(), _counts));
            _counts = [];
        }

        foreach (var activity in ended)
        {
            if (_past.Count == seconds)
            {
                _past.Dequeue();
            }

            _past.Enqueue(activity);
        }

        return ended;
    }
}
