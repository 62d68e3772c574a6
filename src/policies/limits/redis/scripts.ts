// The Lua that Redis runs: one call is one atomic step. Knows no client. Time is Redis's own, and only that.
//
// A count is a string `whole fraction ends`, gone when its window is (`ends`: Unix ms, the window's identity). Reserves
// that are open stand beside it in a sorted set, by when their lease ends; members carry their amount. A count of
// permits is such a set alone. Numbers are doubles, exact to 2^53: written with `%.0f`, as Lua's own spelling rounds.
import { createHash } from 'node:crypto'

export type RedisScript = Readonly<{ source: string; sha: string }>

function createScript(...parts: readonly string[]): RedisScript {
  const source = parts.join('\n')
  return Object.freeze({ source, sha: createHash('sha1').update(source).digest('hex') })
}

/** ARGV[1]: when the caller has given up, in Redis's time; what comes later changes nothing and answers `{-1, now}`. */
const clock = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now > tonumber(ARGV[1]) then return {-1, now} end`

const counts = `
local function read(key)
  local value = redis.call('GET', key)
  if not value then return end
  local whole, fraction, ends = string.match(value, '^(%d+) (%d+) (%d+)$')
  if not ends or tonumber(ends) <= now then return end
  return tonumber(whole), tonumber(fraction), tonumber(ends)
end

local function write(key, whole, fraction, ends)
  redis.call('SET', key, string.format('%.0f %.0f %.0f', whole, fraction, ends), 'PXAT', string.format('%.0f', ends))
end

local function add(whole, fraction, more, more_fraction)
  whole, fraction = whole + more, fraction + more_fraction
  if fraction >= 1e9 then return whole + 1, fraction - 1e9 end
  return whole, fraction
end

local function subtract(whole, fraction, less, less_fraction)
  whole, fraction = whole - less, fraction - less_fraction
  if fraction < 0 then whole, fraction = whole - 1, fraction + 1e9 end
  if whole < 0 then return 0, 0 end
  return whole, fraction
end

local function amount_of(member)
  local whole, fraction = string.match(member, ' (%d+) (%d+)$')
  return tonumber(whole), tonumber(fraction)
end`

/** Ends of calendar windows in UTC, weeks from Monday. Days to dates: Hinnant, chrono-compatible date algorithms. */
export const calendarLua = `
local day_ms = 86400000
local function month_start(year, month)
  if month <= 2 then year = year - 1 end
  local era = math.floor(year / 400)
  local of_era = year - era * 400
  local day = math.floor((153 * (month + (month > 2 and -3 or 9)) + 2) / 5)
  return era * 146097 + of_era * 365 + math.floor(of_era / 4) - math.floor(of_era / 100) + day - 719468
end

local function period_end(period, at)
  local day = math.floor(at / day_ms)
  if period == 'D' then return (day + 1) * day_ms end
  if period == 'W' then return ((math.floor((day + 3) / 7) + 1) * 7 - 3) * day_ms end
  local z = day + 719468
  local era = math.floor(z / 146097)
  local doe = z - era * 146097
  local yoe = math.floor((doe - math.floor(doe / 1460) + math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
  local shifted = math.floor((5 * doy + 2) / 153)
  local month = shifted < 10 and shifted + 3 or shifted - 9
  local year = yoe + era * 400 + (month <= 2 and 1 or 0)
  if month == 12 then return month_start(year + 1, 1) * day_ms end
  return month_start(year, month + 1) * day_ms
end`

/**
 * All charges or none. ARGV: deadline, lease in ms, lease id, then six for each charge: kind (`c` for permits, `D`, `W`
 * or `M` for calendar windows, else the window in ms), the limit's amount, the charge (both as whole and fraction),
 * `1` where the charge is a reserve. KEYS: the count's; of a reserve the held set's too.
 * Returns {1 or 0, now, then for each charge whole, fraction, ends}; refused: as if not asked, and then for each charge
 * whole and fraction of its open reserves (of the thousand that end first).
 */
export const acquireScript = createScript(
  clock,
  counts,
  calendarLua,
  `
local lease_ends, id = now + tonumber(ARGV[2]), ARGV[3]
local asked, refused, key_at = {}, false, 1
for at = 4, #ARGV, 6 do
  local kind, limit, limit_fraction = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local one = {kind = kind, key = KEYS[key_at], more = tonumber(ARGV[at + 3]), more_fraction = tonumber(ARGV[at + 4])}
  key_at = key_at + 1
  if kind == 'c' then
    redis.call('ZREMRANGEBYSCORE', one.key, '-inf', now)
    one.whole, one.fraction, one.ends = redis.call('ZCARD', one.key), 0, 0
  else
    one.whole, one.fraction, one.ends = read(one.key)
    if ARGV[at + 5] == '1' then
      one.held = KEYS[key_at]
      key_at = key_at + 1
    end
    if not one.ends then
      one.whole, one.fraction, one.is_new = 0, 0, true
      one.ends = tonumber(kind) and now + tonumber(kind) or period_end(kind, now)
    elseif one.held then
      local dead = redis.call('ZRANGEBYSCORE', one.held, '-inf', now, 'LIMIT', 0, 1000)
      if #dead > 0 then
        for _, member in ipairs(dead) do
          one.whole, one.fraction = subtract(one.whole, one.fraction, amount_of(member))
        end
        redis.call('ZREM', one.held, unpack(dead))
        write(one.key, one.whole, one.fraction, one.ends)
      end
    end
  end
  if one.whole > limit or (one.whole == limit and one.fraction >= limit_fraction) then refused = true end
  asked[#asked + 1] = one
end

local reply = {refused and 0 or 1, now}
for _, one in ipairs(asked) do
  if not refused then
    if one.kind == 'c' then
      redis.call('ZADD', one.key, lease_ends, id)
      if one.whole == 0 then redis.call('PEXPIREAT', one.key, lease_ends)
      else redis.call('PEXPIREAT', one.key, lease_ends, 'GT') end
    end
    one.whole, one.fraction = add(one.whole, one.fraction, one.more, one.more_fraction)
    if one.kind ~= 'c' then write(one.key, one.whole, one.fraction, one.ends) end
    if one.held then
      if one.is_new then redis.call('DEL', one.held) end
      redis.call('ZADD', one.held, lease_ends, id .. string.format(' %.0f %.0f', one.more, one.more_fraction))
      redis.call('PEXPIREAT', one.held, one.ends)
    end
  end
  reply[#reply + 1] = one.whole
  reply[#reply + 1] = one.fraction
  reply[#reply + 1] = one.ends
end
if refused then
  for _, one in ipairs(asked) do
    local whole, fraction = 0, 0
    if one.held then
      for _, member in ipairs(redis.call('ZRANGE', one.held, 0, 999)) do
        whole, fraction = add(whole, fraction, amount_of(member))
      end
    end
    reply[#reply + 1] = whole
    reply[#reply + 1] = fraction
  end
end
return reply`,
)

/**
 * Gives permits back, replaces reserves by what was used. ARGV: deadline, then five for each: the lease's member, `ends`
 * of its window (`c`: a permit), what was used (whole, fraction), `1` where it may have been done before: then only what
 * is still held is settled. KEYS: the permits' set, or the held set and its count. The member `r` is a request that was
 * counted and refused all the same: KEYS is its count, and it is taken off again.
 * A reserve whose lease was reaped is charged all the same; whose window has ended, not.
 */
export const settleScript = createScript(
  clock,
  counts,
  `
local key_at = 1
for at = 2, #ARGV, 5 do
  local member, ends = ARGV[at], ARGV[at + 1]
  local was_held = member ~= 'r' and redis.call('ZREM', KEYS[key_at], member) == 1
  if member == 'r' then
    local whole, fraction, current = read(KEYS[key_at])
    if current == tonumber(ends) and ARGV[at + 4] ~= '1' then
      whole, fraction = subtract(whole, fraction, 1, 0)
      write(KEYS[key_at], whole, fraction, current)
    end
    key_at = key_at + 1
  elseif ends == 'c' then
    key_at = key_at + 1
  else
    local key = KEYS[key_at + 1]
    key_at = key_at + 2
    ends = tonumber(ends)
    if ends > now and (was_held or ARGV[at + 4] ~= '1') then
      local whole, fraction, current = read(key)
      if not current then whole, fraction, current = 0, 0, ends end
      if current == ends then
        if was_held then whole, fraction = subtract(whole, fraction, amount_of(member)) end
        whole, fraction = add(whole, fraction, tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]))
        write(key, whole, fraction, ends)
      end
    end
  end
end
return {1, now}`,
)

/**
 * Renews leases, and takes anew what was reaped or lost meanwhile. ARGV: deadline, lease in ms, then two for each: the
 * member, `ends` of its window or `c`. KEYS as for settling.
 */
export const renewScript = createScript(
  clock,
  counts,
  `
local lease_ends, key_at = now + tonumber(ARGV[2]), 1
for at = 3, #ARGV, 2 do
  local member, ends = ARGV[at], ARGV[at + 1]
  local held = KEYS[key_at]
  if ends == 'c' then
    key_at = key_at + 1
    redis.call('ZADD', held, lease_ends, member)
    if redis.call('PTTL', held) < 0 then redis.call('PEXPIREAT', held, lease_ends)
    else redis.call('PEXPIREAT', held, lease_ends, 'GT') end
  else
    local key = KEYS[key_at + 1]
    key_at = key_at + 2
    ends = tonumber(ends)
    local whole, fraction, current = read(key)
    if not current then whole, fraction, current = 0, 0, ends end
    if ends > now and current == ends then
      if redis.call('ZADD', held, lease_ends, member) == 1 then
        whole, fraction = add(whole, fraction, amount_of(member))
        write(key, whole, fraction, ends)
        redis.call('PEXPIREAT', held, ends)
      end
    end
  end
end
return {1, now}`,
)

/** Whether Redis takes writes here. KEYS: one. */
export const probeScript = createScript(
  clock,
  `
redis.call('SET', KEYS[1], '1', 'PX', 10000)
return {1, now}`,
)

export const allScripts: readonly RedisScript[] = [acquireScript, settleScript, renewScript]
