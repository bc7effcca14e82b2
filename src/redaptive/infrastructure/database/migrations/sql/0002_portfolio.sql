-- Customers, portfolios, sites, buildings, meters, equipment, prices, weather.
-- Every foreign key carries tenant_id: a row can never point at another tenant's row.
CREATE TABLE customers (
  tenant_id  uuid NOT NULL REFERENCES tenants (id),
  id         uuid NOT NULL DEFAULT gen_random_uuid(),
  code       text NOT NULL CONSTRAINT customers_code_shape CHECK (length(code) BETWEEN 1 AND 100),
  name       text NOT NULL,
  sector     text NOT NULL,
  CONSTRAINT customers_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT customers_code_key UNIQUE (tenant_id, code)
);

CREATE TABLE sites (
  tenant_id        uuid NOT NULL,
  id               uuid NOT NULL DEFAULT gen_random_uuid(),
  code             text NOT NULL CONSTRAINT sites_code_shape CHECK (length(code) BETWEEN 1 AND 100),
  name             text NOT NULL,
  customer_id      uuid NOT NULL,
  timezone         text NOT NULL CONSTRAINT sites_timezone_given CHECK (timezone <> ''),
  country          text NOT NULL,
  state            text,
  city             text,
  postal_code      text,
  climate_zone     text,
  egrid_subregion  text,
  weather_station  text,
  latitude_deg     double precision CONSTRAINT sites_latitude_range CHECK (latitude_deg BETWEEN -90 AND 90),
  longitude_deg    double precision CONSTRAINT sites_longitude_range CHECK (longitude_deg BETWEEN -180 AND 180),
  CONSTRAINT sites_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT sites_code_key UNIQUE (tenant_id, code),
  CONSTRAINT sites_customer_fkey FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id)
);
CREATE INDEX sites_customer_idx ON sites (tenant_id, customer_id);

CREATE TABLE buildings (
  tenant_id              uuid NOT NULL,
  id                     uuid NOT NULL DEFAULT gen_random_uuid(),
  code                   text NOT NULL CONSTRAINT buildings_code_shape CHECK (length(code) BETWEEN 1 AND 100),
  name                   text NOT NULL,
  site_id                uuid NOT NULL,
  building_type          text NOT NULL CONSTRAINT buildings_type_given CHECK (building_type <> ''),
  gross_floor_area_ft2   double precision CONSTRAINT buildings_area_positive CHECK (gross_floor_area_ft2 > 0),
  gross_floor_area_m2    double precision GENERATED ALWAYS AS (gross_floor_area_ft2 * 0.09290304) STORED,
  year_built             integer CONSTRAINT buildings_year_plausible CHECK (year_built BETWEEN 1600 AND 2200),
  parking_area_ft2       double precision NOT NULL
                         CONSTRAINT buildings_parking_positive CHECK (parking_area_ft2 >= 0),
  systems                jsonb NOT NULL CONSTRAINT buildings_systems_object CHECK (jsonb_typeof(systems) = 'object'),
  CONSTRAINT buildings_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT buildings_code_key UNIQUE (tenant_id, code),
  CONSTRAINT buildings_site_fkey FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id)
);
CREATE INDEX buildings_site_idx ON buildings (tenant_id, site_id);

CREATE TABLE spaces (
  tenant_id       uuid NOT NULL,
  id              uuid NOT NULL DEFAULT gen_random_uuid(),
  building_id     uuid NOT NULL,
  code            text NOT NULL,
  name            text NOT NULL,
  use_type        text NOT NULL,
  floor_area_ft2  double precision NOT NULL CONSTRAINT spaces_area_positive CHECK (floor_area_ft2 > 0),
  CONSTRAINT spaces_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT spaces_code_key UNIQUE (tenant_id, building_id, code),
  CONSTRAINT spaces_building_fkey FOREIGN KEY (tenant_id, building_id) REFERENCES buildings (tenant_id, id)
);

CREATE TABLE portfolios (
  tenant_id   uuid NOT NULL REFERENCES tenants (id),
  id          uuid NOT NULL DEFAULT gen_random_uuid(),
  code        text NOT NULL CONSTRAINT portfolios_code_shape CHECK (length(code) BETWEEN 1 AND 100),
  name        text NOT NULL,
  CONSTRAINT portfolios_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT portfolios_code_key UNIQUE (tenant_id, code)
);

CREATE TABLE portfolio_buildings (
  tenant_id     uuid NOT NULL,
  portfolio_id  uuid NOT NULL,
  building_id   uuid NOT NULL,
  CONSTRAINT portfolio_buildings_pkey PRIMARY KEY (tenant_id, portfolio_id, building_id),
  CONSTRAINT portfolio_buildings_portfolio_fkey
    FOREIGN KEY (tenant_id, portfolio_id) REFERENCES portfolios (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT portfolio_buildings_building_fkey
    FOREIGN KEY (tenant_id, building_id) REFERENCES buildings (tenant_id, id)
);

CREATE TABLE meters (
  tenant_id    uuid NOT NULL,
  id           uuid NOT NULL DEFAULT gen_random_uuid(),
  meter_no     integer GENERATED ALWAYS AS IDENTITY CONSTRAINT meters_number_key UNIQUE,
  code         text NOT NULL CONSTRAINT meters_code_shape CHECK (length(code) BETWEEN 1 AND 100),
  building_id  uuid NOT NULL,
  parent_id    uuid,
  commodity    text NOT NULL CONSTRAINT meters_commodity_known CHECK (commodity IN (
                 'electricity', 'gas', 'steam', 'chilled_water', 'hot_water', 'fuel_oil', 'propane', 'solar', 'water')),
  role         text NOT NULL CONSTRAINT meters_role_known CHECK (role IN ('main', 'sub', 'virtual')),
  end_use      text,
  interval_s   integer NOT NULL CONSTRAINT meters_interval_range CHECK (interval_s BETWEEN 1 AND 31622400),
  multiplier   double precision NOT NULL CONSTRAINT meters_multiplier_positive CHECK (multiplier > 0),
  CONSTRAINT meters_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT meters_code_key UNIQUE (tenant_id, code),
  CONSTRAINT meters_not_its_own_parent CHECK (parent_id <> id),
  CONSTRAINT meters_building_fkey FOREIGN KEY (tenant_id, building_id) REFERENCES buildings (tenant_id, id),
  CONSTRAINT meters_parent_fkey FOREIGN KEY (tenant_id, parent_id) REFERENCES meters (tenant_id, id)
    DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON COLUMN meters.meter_no IS 'Integer key in the readings store; given by the server only, so nobody can probe it.';
CREATE INDEX meters_building_idx ON meters (tenant_id, building_id);
CREATE INDEX meters_parent_idx ON meters (tenant_id, parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE virtual_meter_terms (
  tenant_id      uuid NOT NULL,
  meter_id       uuid NOT NULL,
  term_meter_id  uuid NOT NULL,
  coefficient    double precision NOT NULL CONSTRAINT virtual_meter_terms_nonzero CHECK (coefficient <> 0),
  CONSTRAINT virtual_meter_terms_pkey PRIMARY KEY (tenant_id, meter_id, term_meter_id),
  CONSTRAINT virtual_meter_terms_not_itself CHECK (meter_id <> term_meter_id),
  CONSTRAINT virtual_meter_terms_meter_fkey
    FOREIGN KEY (tenant_id, meter_id) REFERENCES meters (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT virtual_meter_terms_term_fkey FOREIGN KEY (tenant_id, term_meter_id) REFERENCES meters (tenant_id, id)
);

CREATE TABLE equipment (
  tenant_id       uuid NOT NULL,
  id              uuid NOT NULL DEFAULT gen_random_uuid(),
  code            text NOT NULL CONSTRAINT equipment_code_shape CHECK (length(code) BETWEEN 1 AND 100),
  building_id     uuid NOT NULL,
  kind            text NOT NULL,
  name            text NOT NULL,
  installed_on    date,
  rated           jsonb NOT NULL DEFAULT '{}' CONSTRAINT equipment_rated_object CHECK (jsonb_typeof(rated) = 'object'),
  CONSTRAINT equipment_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT equipment_code_key UNIQUE (tenant_id, code),
  CONSTRAINT equipment_building_fkey FOREIGN KEY (tenant_id, building_id) REFERENCES buildings (tenant_id, id)
);

CREATE TABLE energy_prices (
  tenant_id                uuid NOT NULL,
  site_id                  uuid NOT NULL,
  commodity                text NOT NULL CONSTRAINT energy_prices_commodity_known CHECK (commodity IN (
    'electricity', 'gas', 'steam', 'chilled_water', 'hot_water', 'fuel_oil', 'propane', 'solar', 'water')),
  effective_from           date NOT NULL,
  effective_to             date,
  usd_per_unit             numeric(14, 6) NOT NULL
                           CONSTRAINT energy_prices_price_positive CHECK (usd_per_unit >= 0),
  unit                     text NOT NULL,
  demand_usd_per_kw_month  numeric(14, 6) NOT NULL
                           CONSTRAINT energy_prices_demand_positive CHECK (demand_usd_per_kw_month >= 0),
  source                   text NOT NULL,
  CONSTRAINT energy_prices_pkey PRIMARY KEY (tenant_id, site_id, commodity, effective_from),
  CONSTRAINT energy_prices_range CHECK (effective_to IS NULL OR effective_to > effective_from),
  CONSTRAINT energy_prices_site_fkey FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id)
);

CREATE TABLE tenant_tariffs (
  tenant_id       uuid NOT NULL REFERENCES tenants (id),
  code            text NOT NULL,
  version         integer NOT NULL CONSTRAINT tenant_tariffs_version_positive CHECK (version >= 1),
  utility         text NOT NULL,
  name            text NOT NULL,
  urdb            jsonb NOT NULL CONSTRAINT tenant_tariffs_urdb_object CHECK (jsonb_typeof(urdb) = 'object'),
  source          text NOT NULL,
  effective_from  date NOT NULL,
  effective_to    date,
  CONSTRAINT tenant_tariffs_pkey PRIMARY KEY (tenant_id, code, version),
  CONSTRAINT tenant_tariffs_range CHECK (effective_to IS NULL OR effective_to > effective_from)
);

CREATE TABLE weather_observations (
  tenant_id                  uuid NOT NULL REFERENCES tenants (id),
  station                    text NOT NULL CONSTRAINT weather_observations_station_given CHECK (station <> ''),
  ts                         timestamptz NOT NULL,
  air_temperature_c          real CONSTRAINT weather_temperature_range CHECK (air_temperature_c BETWEEN -90 AND 65),
  relative_humidity_pct      real CONSTRAINT weather_humidity_range CHECK (relative_humidity_pct BETWEEN 0 AND 110),
  global_irradiance_w_m2     real CONSTRAINT weather_irradiance_range CHECK (global_irradiance_w_m2 BETWEEN -20 AND 1800),
  CONSTRAINT weather_observations_pkey PRIMARY KEY (tenant_id, station, ts)
);

CALL secure_tenant_table('customers', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT');
CALL secure_tenant_table('sites', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT');
CALL secure_tenant_table('buildings', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT');
CALL secure_tenant_table('spaces', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('portfolios', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('portfolio_buildings', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('meters', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT');
CALL secure_tenant_table('virtual_meter_terms', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT');
CALL secure_tenant_table('equipment', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('energy_prices', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT');
CALL secure_tenant_table('tenant_tariffs', 'SELECT, INSERT, UPDATE, DELETE');
CALL secure_tenant_table('weather_observations', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT');

CREATE VIEW meter_directory WITH (security_invoker = true) AS
SELECT m.tenant_id, m.meter_no, m.code, m.commodity, m.role, m.end_use, m.interval_s, m.multiplier,
       p.code AS parent_code, b.code AS building_code, s.code AS site_code, s.timezone, s.weather_station
FROM meters m
JOIN buildings b ON b.tenant_id = m.tenant_id AND b.id = m.building_id
JOIN sites s ON s.tenant_id = b.tenant_id AND s.id = b.site_id
LEFT JOIN meters p ON p.tenant_id = m.tenant_id AND p.id = m.parent_id;
GRANT SELECT ON meter_directory TO redaptive_app, redaptive_worker;
